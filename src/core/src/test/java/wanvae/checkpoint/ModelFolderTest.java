package wanvae.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import wanvae.tensorfile.FormatException;

/** Weights in the folders that people have. */
class ModelFolderTest {
    private static final String TRANSFORMER = "{\"_class_name\": \"WanModel\", \"dim\": 1536}";

    @TempDir
    Path folder;

    private byte[] safetensors;
    private byte[] torch;

    @BeforeEach
    void weights() throws IOException {
        List<GoldenNames> tensors = GoldenNames.of("wan21_odd_original");
        safetensors = GoldenNames.safetensors(tensors, "");
        torch = GoldenNames.torch(tensors, GoldenNames.bytes("wan21_odd_original.pkl"));
    }

    private Path write(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, bytes);
    }

    private void write(String name, String text) throws IOException {
        write(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private void opens(String path) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(folder.resolve(path))) {
            assertEquals("Wan 2.1", checkpoint.config().family());
            assertEquals(folder.resolve(path), checkpoint.path());
        }
    }

    private void refused(String path, String... words) {
        String message = assertThrows(FormatException.class, () -> Checkpoint.open(folder.resolve(path)))
                .getMessage();
        for (String word : words) assertTrue(message.contains(word), message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "diffusion_pytorch_model.bin",
                "pytorch_model.bin",
                "pytorch_model.pt",
                "Wan2.1_VAE.pth",
                "anything.ckpt"
            })
    void torchFilesOfAnyName(String name) throws IOException {
        write("model/vae/" + name, torch);
        opens("model/vae/" + name);
        opens("model/vae");
        opens("model");
    }

    /** The transformer's configuration and weights lie beside the VAE. */
    @Test
    void anOriginalRepository() throws IOException {
        write("Wan2.1/config.json", TRANSFORMER);
        write("Wan2.1/Wan2.1_VAE.pth", torch);
        write("Wan2.1/diffusion_pytorch_model.safetensors", new byte[100]);
        write("Wan2.1/models_t5_umt5-xxl-enc-bf16.pth", new byte[100]);
        opens("Wan2.1");
        opens("Wan2.1/Wan2.1_VAE.pth");
        write("Wan2.1/Wan2.2_VAE.pth", torch);
        refused("Wan2.1", "several weights", "Wan2.1_VAE.pth, Wan2.2_VAE.pth");
        Files.delete(folder.resolve("Wan2.1/Wan2.2_VAE.pth"));
        Files.delete(folder.resolve("Wan2.1/Wan2.1_VAE.pth"));
        refused("Wan2.1", "no weights of a VAE beside another model's configuration");
    }

    /** HunyuanVideo's own repository: its class has another name, its weights lie a folder deeper. */
    @Test
    void hunyuanVideosRepository() throws IOException {
        String config = GoldenNames.resource("hunyuan_odd.json");
        String vae = "HunyuanVideo/hunyuan-video-t2v-720p/vae/";
        write(vae + "config.json", config.replace("AutoencoderKLHunyuanVideo", "AutoencoderKLCausal3D"));
        write(vae + "pytorch_model.pt", GoldenNames.safetensors(GoldenNames.of("hunyuan_odd"), "state_dict.vae."));
        for (String path : List.of("HunyuanVideo", vae, vae + "pytorch_model.pt")) {
            try (Checkpoint checkpoint = Checkpoint.open(folder.resolve(path))) {
                assertEquals(
                        VaeConfigJson.read(Files.writeString(folder.resolve("c.json"), config)), checkpoint.config());
            }
        }
    }

    /** Hugging Face's cache: the reference names a snapshot, whose files link to others. */
    @Test
    void aCacheFolder() throws IOException {
        String model = "hub/models--Wan-AI--Wan2.1-T2V-1.3B/";
        Path blob = write(model + "blobs/0123", torch);
        Path snapshot = folder.resolve(model + "snapshots/aaa1");
        Files.createDirectories(snapshot);
        Files.createSymbolicLink(snapshot.resolve("Wan2.1_VAE.pth"), snapshot.relativize(blob));
        write(model + "snapshots/aaa1/config.json", TRANSFORMER);
        opens(model);
        Files.createDirectories(folder.resolve(model + "snapshots/bbb2"));
        refused(model, "several snapshots");
        write(model + "refs/main", "aaa1\n");
        opens(model);
        opens(model + "snapshots/aaa1");
        write(model + "refs/main", "../../..");
        refused(model, "several snapshots");
        Files.delete(folder.resolve(model + "blobs/0123"));
        write(model + "refs/main", "aaa1");
        refused(model, "no weights");
    }

    /** A pipeline of diffusers in the cache. */
    @Test
    void aCachedPipeline() throws IOException {
        String snapshot = "models--Wan-AI--Wan2.1-Diffusers/snapshots/0a1b/";
        write(snapshot + "model_index.json", "{}");
        write(snapshot + "vae/config.json", GoldenNames.resource("wan21_odd.json"));
        write(snapshot + "vae/diffusion_pytorch_model.safetensors", safetensors);
        opens("models--Wan-AI--Wan2.1-Diffusers");
    }

    @Test
    void repackagedFiles() throws IOException {
        write("repackaged/split_files/vae/wan_2.1_vae.safetensors", safetensors);
        write("repackaged/split_files/text_encoders/umt5.safetensors", new byte[10]);
        opens("repackaged");
        write("repackaged/split_files/vae/wan2.2_vae.safetensors", safetensors);
        refused("repackaged", "several weights", "name one itself");
        write("half/vae/diffusion_pytorch_model.fp16.safetensors", safetensors);
        opens("half");
        opens("half/vae/diffusion_pytorch_model.fp16.safetensors");
    }

    @Test
    void shardsOfTorchFiles() throws IOException {
        write("vae/part-1.bin", torch);
        write("vae/diffusion_pytorch_model.bin.index.json", "{\"weight_map\": {\"conv2.bias\": \"part-1.bin\"}}");
        opens("vae");
    }

    /** A .wanvae alone in a folder is what the folder stands for. */
    @Test
    void aWanvaeFile() throws IOException {
        Path file = write("a.safetensors", safetensors);
        Path target = Files.createDirectory(folder.resolve("converted")).resolve("vae.wanvae");
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            WanvaeFile.write(checkpoint, target);
        }
        try (Checkpoint checkpoint = Checkpoint.open(target.getParent())) {
            assertEquals("Wan 2.1", checkpoint.config().family());
        }
    }

    @Test
    void emptyFolders() throws IOException {
        Files.createDirectories(folder.resolve("empty/vae"));
        refused("empty", "no weights", "diffusion_pytorch_model.safetensors or a folder vae");
    }

    /** The transformer of a pipeline in place of the VAE. */
    @Test
    void aTransformer() throws IOException {
        GoldenNames tensor = new GoldenNames("blocks.0.self_attn.q.weight", new long[] {2, 2}, 0);
        write("t/config.json", TRANSFORMER);
        write("t/diffusion_pytorch_model.safetensors", GoldenNames.safetensors(List.of(tensor), ""));
        refused("t/diffusion_pytorch_model.safetensors", "transformer of a diffusion model", "not its VAE");
    }
}
