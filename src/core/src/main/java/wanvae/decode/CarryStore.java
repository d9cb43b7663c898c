package wanvae.decode;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import wanvae.kernel.Frames;
import wanvae.kernel.Window;
import wanvae.latent.LatentShape;
import wanvae.model.FrameConsumer;
import wanvae.model.Pass;
import wanvae.model.wan.Split;
import wanvae.model.wan.Stage;
import wanvae.model.wan.WanDecoder;

/** What a stage is handed, whole pictures of all frames of a member: written once, then read window by window. */
final class CarryStore {
    private final WanDecoder decoder;
    private final int index, frames, height, width, channels, shortcutChannels;
    private final MemorySegment memory;
    private int written;

    /**
     * @param index  number of the stage
     * @param memory of {@link #bytes}, the caller's; null for rehearsals
     */
    CarryStore(WanDecoder decoder, int index, LatentShape latents, MemorySegment memory) {
        this.decoder = decoder;
        this.index = index;
        frames = 1 + (latents.frames() - 1) * decoder.framesOfLatent(index);
        height = latents.height() << index - 1;
        width = latents.width() << index - 1;
        channels = decoder.carried(index)[0];
        shortcutChannels = decoder.carried(index)[1];
        this.memory =
                memory != null ? memory : MemorySegment.ofAddress(1L << 60).reinterpret(frames * frameBytes());
    }

    static long bytes(WanDecoder decoder, int index, LatentShape latents) {
        CarryStore store = new CarryStore(decoder, index, latents, null);
        return store.frames * store.frameBytes();
    }

    private long rawBytes() {
        return Frames.bytes(height, width, channels);
    }

    private long frameBytes() {
        return rawBytes() + (shortcutChannels == 0 ? 0 : Frames.bytes(height, width, shortcutChannels));
    }

    private Frames frames(int from, int count, long offset, int channels) {
        MemorySegment[] slices = new MemorySegment[count];
        for (int i = 0; i < count; i++)
            slices[i] = memory.asSlice((from + i) * frameBytes() + offset, Frames.bytes(height, width, channels));
        return new Frames(slices, height, width, channels);
    }

    /** Adds a group of frames; takes them over. */
    void put(Pass pass, Stage.Carry carry) {
        int count = carry.frames().count();
        pass.copy(
                frames(written, count, 0, channels),
                carry.frames(),
                carry.frames().window());
        pass.release(carry.frames());
        if (shortcutChannels > 0)
            pass.copy(
                    frames(written, count, rawBytes(), shortcutChannels),
                    carry.shortcut(),
                    carry.frames().window());
        pass.release(carry.shortcut());
        written += count;
    }

    /** Makes room for another member. */
    void clear() {
        written = 0;
    }

    /** Takes all frames of a window through the stage and those behind it. */
    void finish(Pass pass, Split split, FrameConsumer consumer) throws IOException {
        for (int f = 0; f < frames; ) {
            int count = f == 0 ? 1 : Math.min(decoder.group(index), frames - f);
            Window entry = split.entry();
            pass.enter(split.stages());
            Stage.Carry carry = new Stage.Carry(
                    pass.cut(frames(f, count, 0, channels), entry),
                    shortcutChannels == 0 ? null : pass.cut(frames(f, count, rawBytes(), shortcutChannels), entry));
            decoder.finish(pass, index, carry, split, f == 0, decoder.firstFrame(index, f), consumer);
            f += count;
        }
        pass.end();
    }
}
