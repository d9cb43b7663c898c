package wanvae.video.audio;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioFormat.Encoding;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.UnsupportedAudioFileException;

/** Uncompressed sound of a WAV file; a packet is one sample of each channel. */
public final class PcmSound implements Sound {
    private final Path file;
    private final AudioInputStream data;
    private final BufferedInputStream buffered;
    private final byte[] silence;

    private PcmSound(Path file, AudioInputStream data) {
        this.file = file;
        this.data = data;
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
