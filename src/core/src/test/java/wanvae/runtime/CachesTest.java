package wanvae.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachesTest {
    private static final long KB = 1 << 10, MB = 1 << 20;

    @TempDir
    private Path folder;

    @Test
    void sizesAndSharesAreThoseThatLinuxTells() throws IOException {
        cache(0, "1", "Data", "48K", "0,32");
        cache(1, "1", "Instruction", "64K", "0,32");
        cache(2, "2", "Unified", "2048K", "0,32");
        cache(3, "3", "Unified", "36M", "0-7,32-39");
        Caches caches = Caches.read(folder);
        assertEquals(new Caches(48 * KB, 2 * MB, 36 * MB, 2, 16), caches);
        assertEquals(MB, caches.level2Share());
    }

    @Test
    void whatIsNotToldIsAssumed() throws IOException {
        assertEquals(Caches.DEFAULT, Caches.read(folder.resolve("missing")));
        cache(2, "2", "Unified", "512K", "0-1");
        Caches assumed = Caches.DEFAULT;
        assertEquals(
                new Caches(assumed.level1(), 512 * KB, assumed.level3(), 2, assumed.sharing3()), Caches.read(folder));
        Files.delete(folder.resolve("index2/shared_cpu_list"));
        assertEquals(assumed.sharing2(), Caches.read(folder).sharing2());
    }

    @Test
    void whatMakesNoSenseIsNotBelieved() throws IOException {
        for (String size : new String[] {"", "0K", "-512K", "512 K", "512KB", "99999999999999999999K", "all"}) {
            cache(2, "2", "Unified", size, "0");
            assertEquals(Caches.DEFAULT, Caches.read(folder), "size " + size);
        }
        for (String processors : new String[] {"", ",", "0-", "3-1", "0;1", "99999999999", "cpu0"}) {
            cache(2, "2", "Unified", "1024K", processors);
            assertEquals(Caches.DEFAULT, Caches.read(folder), "processors " + processors);
        }
        cache(2, "two", "Unified", "512K", "0");
        assertEquals(Caches.DEFAULT, Caches.read(folder));
        cache(2, "2", "Trace", "512K", "0");
        assertEquals(Caches.DEFAULT, Caches.read(folder));
        Files.write(folder.resolve("index2/type"), new byte[] {(byte) 0xff, (byte) 0xfe});
        assertEquals(Caches.DEFAULT, Caches.read(folder));
        Files.delete(folder.resolve("index2/size"));
        Files.createDirectory(folder.resolve("index2/size"));
        assertEquals(Caches.DEFAULT, Caches.read(folder));
    }

    @Test
    void onlyTheThreadThatAssumesOthersHasThem() throws InterruptedException {
        Caches machine = Caches.here(), small = new Caches(KB, KB, KB, 1, 1);
        AtomicReference<Caches> elsewhere = new AtomicReference<>();
        Thread other = small.assumed(() -> {
            assertEquals(small, Caches.here());
            return Thread.ofPlatform().start(() -> elsewhere.set(Caches.here()));
        });
        other.join();
        assertEquals(machine, elsewhere.get());
        assertEquals(machine, Caches.here());
    }

    @Test
    void noCacheIsEmpty() {
        assertThrows(IllegalArgumentException.class, () -> new Caches(KB, 0, KB, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new Caches(KB, KB, KB, 0, 1));
    }

    private void cache(int index, String level, String type, String size, String processors) throws IOException {
        Path cache = Files.createDirectories(folder.resolve("index" + index));
        Files.writeString(cache.resolve("level"), level + "\n");
        Files.writeString(cache.resolve("type"), type + "\n");
        Files.writeString(cache.resolve("size"), size + "\n");
        Files.writeString(cache.resolve("shared_cpu_list"), processors + "\n");
    }
}
