package wanvae.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkException;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import wanvae.config.WanConfig;
import wanvae.generated.GeneratedVae;
import wanvae.tensorfile.DType;

/** The application as it is submitted, on a cluster of two executors in processes of their own. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class SparkIT {
    private static final int CLIPS = 40, BROKEN = 3;

    @TempDir
    static Path folder;

    private static SparkHome spark;
    private static SparkSession session;
    private static Path weights;
    /** Names of clips and what the command line makes of them. */
    private static final Map<String, byte[]> EXPECTED = new HashMap<>();

    /** The demo's model, and clips of two sizes: one batch each for the command line, a file each for Spark. */
    @BeforeAll
    static void prepare() throws IOException {
        spark = SparkHome.in(folder.resolve("spark"));
        weights = folder.resolve("demo.wanvae");
        try (InputStream demo = wanvae.cli.Main.class.getResourceAsStream("demo/demo.wanvae")) {
            Files.copy(demo, weights);
        }
        Files.createDirectories(folder.resolve("in/more"));
        Files.createDirectories(folder.resolve("expected"));
        int[][] sizes = {{1, 4, 6}, {2, 4, 4}};
        int made = 0;
        for (int s = 0; s < sizes.length; s++) {
            int members = s == 0 ? 19 : 18;
            int[] shape = {members, 16, sizes[s][0], sizes[s][1], sizes[s][2]};
            float[] values = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
            var random = new Random(s);
            for (int i = 0; i < values.length; i++) values[i] = (float) random.nextGaussian();
            Path batch = folder.resolve("batch" + s + ".npy");
            write(batch, shape, values);
            SparkHome.Ended ended = SparkHome.commandLine(
                    folder.resolve("log"),
                    List.of(
                            "decode",
                            batch.toString(),
                            "-w",
                            weights.toString(),
                            "-o",
                            folder + "/expected/" + s + ".mp4",
                            "--quality",
                            "7"));
            assertEquals(0, ended.code(), ended.output());
            for (int member = 0; member < members; member++) {
                int one = values.length / members;
                String name = (made % 2 == 0 ? "" : "more/") + "clip" + made++;
                shape[0] = 1;
                write(
                        folder.resolve("in/" + name + ".npy"),
                        shape,
                        Arrays.copyOfRange(values, member * one, (member + 1) * one));
                EXPECTED.put(name, Files.readAllBytes(folder.resolve("expected/" + s + "-" + member + ".mp4")));
            }
        }
        assertEquals(CLIPS - BROKEN, made);
        byte[] whole = Files.readAllBytes(folder.resolve("in/clip0.npy"));
        Files.write(folder.resolve("in/cut.npy"), Arrays.copyOf(whole, whole.length - 100));
        Files.write(folder.resolve("in/empty.npy"), new byte[0]);
        write(folder.resolve("in/more/channels.npy"), new int[] {1, 7, 1, 4, 4}, new float[7 * 16]);
        session = SparkSession.builder()
                .master("local[1]")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.driver.host", "127.0.0.1")
                .getOrCreate();
    }

    @AfterAll
    static void stop() {
        session.stop();
    }

    private static void write(Path file, int[] shape, float[] values) throws IOException {
        String sizes = Arrays.toString(shape).replace('[', '(').replace(']', ')');
        String header = String.format("%-117s\n", "{'descr': '<f4', 'fortran_order': False, 'shape': " + sizes + ", }");
        ByteBuffer npy = ByteBuffer.allocate(128 + 4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        npy.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}).putShort((short) header.length());
        npy.put(header.getBytes(StandardCharsets.US_ASCII));
        for (float value : values) npy.putFloat(value);
        Files.write(file, npy.array());
    }

    private static List<String> words(Path out, String... more) {
        return Stream.concat(
                        Stream.of(
                                "decode",
                                "--weights",
                                weights.toString(),
                                "--input",
                                folder + "/in/*.npy",
                                folder + "/in/{more}/*.npy",
                                "--output",
                                out.toString(),
                                "--quality",
                                "7"),
                        Stream.of(more))
                .toList();
    }

    /** Also while a job runs, which renames files. */
    private static List<String> files(Path below) throws IOException {
        List<String> names = new ArrayList<>();
        Files.walkFileTree(below, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                String name = below.relativize(file).toString();
                if (!name.startsWith("_summary")) names.add(name);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) return FileVisitResult.CONTINUE;
                throw e;
            }
        });
        return names.stream().sorted().toList();
    }

    private static void assertExpected(Path out) throws IOException {
        assertEquals(
                EXPECTED.keySet().stream().map(name -> name + ".mp4").sorted().toList(), files(out));
        for (String name : EXPECTED.keySet())
            assertArrayEquals(EXPECTED.get(name), Files.readAllBytes(out.resolve(name + ".mp4")), name);
    }

    /** Everything at once: sizes, folders, broken files, an executor that is killed, and the same job once more. */
    @Test
    void aJobIsDoneThoughAnExecutorDies() throws Exception {
        Path out = Files.createDirectory(folder.resolve("out"));
        Path log = folder.resolve("driver.log");
        Process driver = spark.submit(log, List.of(), words(out));
        while (driver.isAlive() && files(out).size() < 5) Thread.sleep(20);
        List<ProcessHandle> executors = SparkHome.executors(driver);
        assertEquals(2, executors.size(), Files.readString(log));
        assertTrue(executors.getFirst().destroyForcibly());
        SparkHome.Ended ended = SparkHome.end(driver, log);
        assertEquals(0, ended.code(), ended.output());
        assertTrue(ended.output().contains("wanvae: 37 done, 0 were there already, 3 failed"), ended.output());
        assertTrue(ended.output().contains("Lost executor"), ended.output());
        assertExpected(out);

        List<Row> rows = session.read().parquet(out + "/_summary").collectAsList();
        Map<String, Row> byName = rows.stream()
                .collect(Collectors.toMap(row -> row.<String>getAs("path").replaceFirst(".*/in/", ""), row -> row));
        assertEquals(CLIPS, rows.size());
        for (String name : EXPECTED.keySet()) {
            Row row = byName.get(name + ".npy");
            assertTrue(row.isNullAt(row.fieldIndex("error")), row.toString());
            assertEquals((long) EXPECTED.get(name).length, row.<Long>getAs("bytes"));
            assertTrue(row.<Double>getAs("seconds") > 0);
        }
        assertEquals(1, byName.get("clip0.npy").<Integer>getAs("frames"));
        assertEquals(5, byName.get("more/clip35.npy").<Integer>getAs("frames"));
        for (String name : List.of("cut.npy", "empty.npy", "more/channels.npy")) {
            String error = byName.get(name).getAs("error");
            assertTrue(error.contains("/in/" + name) && error.endsWith("."), error);
        }

        // One result is missing, and one is another's: the first is made, the second is left alone.
        Files.delete(out.resolve("clip2.mp4"));
        Files.writeString(out.resolve("clip4.mp4"), "mine");
        String end = run(words(out));
        assertTrue(end.startsWith("1 done, 36 were there already, 3 failed"), end);
        assertEquals("mine", Files.readString(out.resolve("clip4.mp4")));
        run(words(out, "--overwrite"));
        assertExpected(out);
    }

    /** Runs a job in this process. */
    private static String run(List<String> words) throws IOException {
        return new Farm(session, words, Main.conversion(words)).run();
    }

    @Test
    void failFastEndsTheJobWithTheSentence() {
        List<String> words = words(folder.resolve("fast"), "--fail-fast");
        Exception ended = assertThrows(Exception.class, () -> run(words));
        assertTrue(ended instanceof SparkException && ended.getMessage().contains(".npy: "), ended.toString());
    }

    @Test
    void tooLittleMemoryIsASentenceThatNamesTheSetting() {
        Share share = new Share(1, 2, 500 << 20, () -> false);
        IOException refused = assertThrows(IOException.class, () -> share.requireRoom("a.npy", 600L << 20, 100L << 20));
        assertTrue(refused.getMessage().contains("spark.executor.memoryOverhead"), refused.getMessage());
        assertTrue(refused.getMessage().contains("set it to 700m"), refused.getMessage());
    }

    @Test
    void aDatasetOfPathsIsMapped() throws IOException {
        Path out = Files.createDirectory(folder.resolve("mapped"));
        var decode = WanVaeFunctions.decode(
                session, "--weights", weights.toString(), "--output", out.toString(), "--quality", "7");
        List<Row> rows = session.createDataset(
                        List.of(folder + "/in/clip0.npy", folder + "/in/cut.npy"), Encoders.STRING())
                .map(decode, Encoders.row(WanVaeFunctions.SCHEMA))
                .collectAsList();
        assertArrayEquals(EXPECTED.get("clip0"), Files.readAllBytes(out.resolve("clip0.mp4")));
        assertEquals(List.of("clip0.mp4"), files(out));
        assertTrue(rows.get(0).isNullAt(5), rows.toString());
        assertTrue(rows.get(1).getString(5).contains("cut.npy: "), rows.toString());
    }

    /** Videos to latents and back: what the command line makes of the same files. */
    @Test
    void latentsAreTheCommandLines() throws IOException {
        Path generated = folder.resolve("generated");
        WanConfig wan = WanConfig.WAN_2_1;
        GeneratedVae.writeVae(
                new WanConfig(
                        wan.className(),
                        4,
                        16,
                        wan.dimMult(),
                        1,
                        wan.temporalUpsample(),
                        wan.latentsMean(),
                        wan.latentsStd(),
                        false,
                        3,
                        1),
                1,
                DType.BF16,
                generated);
        Path videos = Files.createDirectory(folder.resolve("videos"));
        Path expected = Files.createDirectory(folder.resolve("latents"));
        Path video = Files.write(videos.resolve("clip.mp4"), EXPECTED.get("more/clip35"));
        Files.write(videos.resolve("broken.mp4"), new byte[100]);
        SparkHome.Ended ended = SparkHome.commandLine(
                folder.resolve("log"),
                List.of("encode", video.toString(), "-w", generated.toString(), "-o", expected + "/clip.safetensors"));
        assertEquals(0, ended.code(), ended.output());
        Path out = folder.resolve("encoded");
        String end = run(List.of("encode", "-w", generated.toString(), "-i", videos + "/*.mp4", "-o", out.toString()));
        assertTrue(end.startsWith("1 done, 0 were there already, 1 failed"), end);
        assertArrayEquals(
                Files.readAllBytes(expected.resolve("clip.safetensors")),
                Files.readAllBytes(out.resolve("clip.safetensors")));
    }
}
