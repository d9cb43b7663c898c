package wanvae.video.audio;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioFormat.Encoding;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.UnsupportedAudioFileException;

/** Uncompressed sound of a WAV file; a packet is one sample of each channel. */
public final class PcmSound implements Sound {
    /** From here on an announced size is no size: programs that write to a pipe put it in place of one. */
    private static final long UNKNOWN_SIZE = 0x7fff_0000;

    private final Path file;
    private final AudioInputStream data;
    private final BufferedInputStream buffered;
    private final byte[] silence;
    private final Optional<String> warning;

    private PcmSound(Path file, AudioInputStream data) throws IOException {
        this.file = file;
        this.data = data;
        warning = warning(file, data);
        buffered = new BufferedInputStream(data, format().getFrameSize() << 13);
        silence = new byte[format().getFrameSize()];
        if (format().getEncoding().equals(Encoding.PCM_UNSIGNED)) Arrays.fill(silence, (byte) 0x80);
    }

    static PcmSound read(Path file) throws IOException {
        AudioInputStream data;
        try {
            data = AudioSystem.getAudioInputStream(file.toFile());
        } catch (UnsupportedAudioFileException | RuntimeException e) {
            throw new IOException(file + ": not a WAV file with PCM", e);
        }
        String fault = fault(data.getFormat());
        if (fault == null) return new PcmSound(file, data);
        data.close();
        throw new IOException(file + ": " + fault);
    }

    private static String fault(AudioFormat format) {
        Encoding encoding = format.getEncoding();
        boolean pcm = encoding.equals(Encoding.PCM_SIGNED)
                || encoding.equals(Encoding.PCM_FLOAT)
                || encoding.equals(Encoding.PCM_UNSIGNED) && format.getSampleSizeInBits() == 8;
        if (!pcm) return "its sound is " + encoding + ", expected PCM";
        int bits = format.getSampleSizeInBits();
        if (bits % 8 != 0 || format.getChannels() < 1 || format.getFrameSize() != format.getChannels() * bits / 8)
            return "its samples have " + bits + " bits in frames of " + format.getFrameSize() + " bytes for "
                    + format.getChannels() + " channels";
        float rate = format.getSampleRate();
        return rate >= 1 && rate <= 768_000 ? null : "its sample rate is " + rate + " Hz";
    }

    /** Tells of a file that was cut or never completed. As in ffmpeg, what there is of it is taken. */
    private static Optional<String> warning(Path file, AudioInputStream data) throws IOException {
        long announced = data.getFrameLength() * data.getFormat().getFrameSize();
        if (announced == 0) return Optional.of(file + " announces no sound in its header, so there is silence");
        int found = Files.isRegularFile(file) ? data.available() : Integer.MAX_VALUE;
        if (announced >= UNKNOWN_SIZE || found >= announced) return Optional.empty();
        double second = data.getFormat().getFrameSize() * data.getFormat().getSampleRate();
        return Optional.of(String.format(
                Locale.ROOT,
                "%s holds %.2f of the %.2f seconds of sound that its header announces; what there is has been taken",
                file,
                found / second,
                announced / second));
    }

    /** Bits of a sample, byte order and number form. */
    public AudioFormat format() {
        return data.getFormat();
    }

    @Override
    public int rate() {
        return Math.round(format().getSampleRate());
    }

    @Override
    public int channels() {
        return format().getChannels();
    }

    @Override
    public int packetDuration() {
        return 1;
    }

    @Override
    public long skipped() {
        return 0;
    }

    @Override
    public long delay() {
        return 0;
    }

    @Override
    public Optional<String> warning() {
        return warning;
    }

    @Override
    public Optional<byte[]> packet() throws IOException {
        byte[] packet = silence.clone();
        try {
            int read = buffered.readNBytes(packet, 0, packet.length);
            return Optional.of(read == packet.length ? packet : silence.clone());
        } catch (IOException e) {
            throw new IOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() throws IOException {
        data.close();
    }
}
