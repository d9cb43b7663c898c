package wanvae.video.container;

import static wanvae.video.container.MovieBoxes.ascii;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioFormat.Encoding;
import org.jcodec.containers.mp4.boxes.Box;
import org.jcodec.containers.mp4.boxes.Header;
import wanvae.video.audio.AacSound;
import wanvae.video.audio.PcmSound;
import wanvae.video.audio.Sound;

/** The sound track, exactly as long as the pictures: longer sound is cut, shorter sound ends in silence. */
final class SoundTrack implements Closeable {
    private static final int FLOAT = 1, BIG_ENDIAN = 2, SIGNED = 4, PACKED = 8;

    private final Sound sound;
    private final SampleIndex index;
    private boolean silent;

    /** @param sound closed with this track */
    SoundTrack(Sound sound) {
        this.sound = sound;
        index = new SampleIndex(sound.packetDuration());
    }

    SampleIndex index() {
        return index;
    }

    /** Units of time in a second. */
    int timescale() {
        return sound.rate();
    }

    /**
     * Takes the packets up to a time that have not been taken before. They become the next chunk.
     *
     * @param time   since the movie's beginning, in sample frames
     * @param offset where the chunk will lie, from the first sample of the movie
     */
    byte[] until(long time, long offset) throws IOException {
        ByteArrayOutputStream chunk = new ByteArrayOutputStream();
        long packets = Math.ceilDiv(sound.skipped() + Math.max(0, time - sound.delay()), sound.packetDuration());
        if (packets > Integer.MAX_VALUE) throw new IOException("the sound has more than 2^31 samples");
        if (!silent && index.samples() < packets) index.beginChunk(offset);
        while (!silent && index.samples() < packets) {
            Optional<byte[]> packet = sound.packet();
            silent = packet.isEmpty();
            if (silent) break;
            chunk.writeBytes(packet.get());
            index.add(packet.get().length, 0, true);
        }
        return chunk.toByteArray();
    }

    /**
     * The edit list that begins with the first sample to be heard and ends with the pictures, in sample frames.
     *
     * @param length of the movie
     */
    Box edits(long length) {
        long delay = Math.min(sound.delay(), length);
        long heard = Math.min(length - delay, Math.max(0, index.duration() - sound.skipped()));
        int edits = delay > 0 ? 2 : 1;
        ByteBuffer list = ByteBuffer.allocate(8 + 12 * edits).putInt(0).putInt(edits);
        if (delay > 0) list.putInt((int) delay).putInt(-1).putInt(0x10000);
        list.putInt((int) heard).putInt((int) sound.skipped()).putInt(0x10000);
        return MovieBoxes.node("edts", Box.createLeafBox(new Header("elst"), list.flip()));
    }

    /** The {@code stsd} box. */
    Box description() {
        byte[] entry = switch (sound) {
            case AacSound aac -> aac(aac);
            case PcmSound pcm -> pcm(pcm.format());
        };
        ByteBuffer table = ByteBuffer.allocate(12 + entry.length).putInt(0).putInt(1);
        return Box.createLeafBox(
                new Header("stsd"), table.putInt(4 + entry.length).put(entry).flip());
    }

    /** ISO/IEC 14496-14 section 5.6. */
    private static byte[] aac(AacSound sound) {
        byte[] esds = sound.description();
        int rate = sound.rate() < 1 << 16 ? sound.rate() << 16 : 0;
        return ByteBuffer.allocate(4 + 28 + 8 + esds.length)
                .put(ascii("mp4a"))
                .putLong(1) // the media lie in this file
                .putLong(0)
                .putShort((short) sound.channels())
                .putShort((short) 16)
                .putInt(0)
                .putInt(rate)
                .putInt(8 + esds.length)
                .put(ascii("esds"))
                .put(esds)
                .array();
    }

    /** QuickTime File Format, "Sound Sample Description (Version 2)". */
    private static byte[] pcm(AudioFormat format) {
        int flags = PACKED
                | (format.getEncoding().equals(Encoding.PCM_FLOAT) ? FLOAT : 0)
                | (format.getEncoding().equals(Encoding.PCM_SIGNED) ? SIGNED : 0)
                | (format.isBigEndian() ? BIG_ENDIAN : 0);
        return ByteBuffer.allocate(68)
                .put(ascii("lpcm"))
                .putLong(1) // the media lie in this file
                .putShort((short) 2)
                .putShort((short) 0)
                .putInt(0)
                .putShort((short) 3)
                .putShort((short) 16)
                .putShort((short) -2)
                .putShort((short) 0)
                .putInt(0x10000)
                .putInt(72)
                .putDouble(format.getSampleRate())
                .putInt(format.getChannels())
                .putInt(0x7f000000)
                .putInt(format.getSampleSizeInBits())
                .putInt(flags)
                .putInt(format.getFrameSize())
                .putInt(1)
                .array();
    }

    @Override
    public void close() throws IOException {
        sound.close();
    }
}
