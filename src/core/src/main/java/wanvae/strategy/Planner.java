package wanvae.strategy;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import wanvae.config.Half;
import wanvae.config.PublishedVae;
import wanvae.config.VaeConfig;
import wanvae.decode.DecodeOptions;
import wanvae.decode.DecodePlan;
import wanvae.decode.FrameTiling;
import wanvae.decode.Tiling;
import wanvae.family.VaeFamily;
import wanvae.frame.VideoShape;
import wanvae.latent.LatentShape;
import wanvae.model.ClipDecoder;
import wanvae.model.StreamingDecoder;
import wanvae.model.VaeDecoder;
import wanvae.model.Weights;

/**
 * Plans decodes: chooses in which way latents of a shape are decoded, so that the process stays within its memory. All
 * rules about memory are here. A planner needs a decoder's shapes only, never its values, so it plans as well for a
 * decoder without weights ({@link #of}). Safe from several threads.
 *
 * <p>Of the ways that fit, the one that takes the least time is chosen, which is the first that fits of: whole pictures
 * as they come; whole pictures without keeping the transformed weights of the largest layers; whole pictures in more
 * bands of rows; as few pieces as will do, in the grid that takes the least time. Tiles, which change the result, are
 * only used if the caller wants them.
 */
public final class Planner {
    /** Frames that may wait for a slow sink. */
    public static final int QUEUED_FRAMES = 4;

    /** Frames and transformed weights together stay below this many bytes, if keeping fewer weights achieves it. */
    private static final long MODEST = 4L << 30;

    /**
     * Sizes of transformed weights that are kept: those of layers with few channels, and those of layers that use them
     * several times for each group of latent frames.
     */
    private static final long FEW = 5L << 20, MOST = 40L << 20;

    /**
     * From this number of groups of latent frames on the largest transformed weights are kept too. Those of Wan's
     * layers with 384 channels take 1.2 GB. To touch them for the first time takes one to two seconds (on a virtual
     * machine), to make them anew for each group a sixth of a second (on one Zen 5 core).
     */
    private static final int MANY_GROUPS = 8;

    /** Latent frames of a group, where a decoder takes all frames at once: its kernels compute four at a time. */
    private static final int CLIP_GROUP = 4;

    /** Bands of rows where memory is scarce. */
    static final int MANY_BANDS = 8;

    /** Pieces are at least this many pixels high and wide: smaller ones are mostly border. */
    static final int LEAST_PIECE = 64;

    /** The pixels of tiles wait in memory if they take at most this many bytes. */
    private static final long CANVAS = 256 << 20;

    /** A tile of about this many latent pixels makes one block of work in its smallest layers. */
    private static final int TILE_BLOCK = 256;

    /** One tile, longer than any clip. */
    private static final FrameTiling.Tiles WHOLE_CLIP = new FrameTiling.Tiles(1 << 30, 1 << 30);

    private final VaeDecoder decoder;
    private final VaeConfig config;
    private final Resident resident;
    private final LongSupplier machine;
    private final boolean keepsMemory;
    private Candidates candidates;

    /**
     * Plans for one decoder.
     *
     * @param resident    what the VAE holds in memory
     * @param machine     reports the memory of the machine or of the container around this process, bytes
     * @param keepsMemory whether decodes leave memory and transformed weights to later ones
     */
    public Planner(VaeDecoder decoder, Resident resident, LongSupplier machine, boolean keepsMemory) {
        this.decoder = decoder;
        this.config = decoder.config();
        this.resident = resident;
        this.machine = machine;
        this.keepsMemory = keepsMemory;
    }

    /** Plans for a VAE that is not open, on this machine. */
    public static <C extends VaeConfig> Planner of(C config) {
        VaeFamily<C> family = VaeFamily.of(config);
        Weights weights = Weights.dry(family.tensors(config, Half.DECODER));
        Resident resident = new Resident();
        resident.opened(Half.DECODER, weights.bytes());
        return new Planner(family.decoder(weights, config), resident, MachineMemory.total(), false);
    }

    /**
     * Checks that a VAE of this configuration decodes latents of this shape.
     *
     * @param name what the message calls the latents
     * @throws IllegalArgumentException if it does not, saying which VAE has that many channels
     */
    public static void requireFits(VaeConfig config, LatentShape latents, String name) {
        if (latents.channels() != config.latentChannels())
            throw new IllegalArgumentException(
                    name + ": " + latents.channels() + " latent channels, but this " + config.family()
                            + " VAE decodes " + config.latentChannels()
                            + "; " + PublishedVae.forChannels(latents.channels()) + ".");
        long pixels = (long) latents.height() * latents.width() * config.spatialScale() * config.spatialScale();
        if (pixels > Integer.MAX_VALUE / 4)
            throw new IllegalArgumentException(name + " of " + latents.height() + "x" + latents.width()
                    + " would make frames of " + pixels + " pixels, more than " + Integer.MAX_VALUE / 4 + ".");
    }

    /**
     * Plans a decode.
     *
     * @param name what messages call the latents
     * @throws IllegalArgumentException if this VAE cannot decode them with these options, in one sentence
     */
    public synchronized PlannedDecode plan(LatentShape latents, String name, DecodeOptions options) {
        requireFits(config, latents, name);
        options.tiling().requireFits(config);
        options.frameTiling().requireFits(config);
        Candidates.Key key = new Candidates.Key(
                latents, tiles(latents, options), time(latents, options), options.temporaryDirectory());
        // Planning a decode again, or planning it and then running it, makes no dry run twice.
        if (candidates == null || !candidates.key().equals(key)) candidates = new Candidates(key);
        long limit = limit(options), asked = options.memoryLimitBytes().orElse(Long.MAX_VALUE);
        Decoding decoding = choose(latents, options, limit);
        long memory = bytes(latents, decoding, options);
        boolean bounded =
                limit < asked && memory <= limit && bytes(latents, choose(latents, options, asked), options) > limit;
        long kept = decoding.keptBytes() + leftBytes(decoding);
        DecodePlan plan = new DecodePlan(
                video(latents),
                options.threads(),
                decoding.operations(),
                memory,
                memory - resident.weights() - MachineMemory.PROCESS,
                resident.weights(),
                decoding.disk(),
                limit,
                bounded,
                List.of(
                        decoding.order(),
                        "feature caches and activations " + Bytes.text(decoding.frameBytes()) + ", weights "
                                + Bytes.text(resident.weights()) + " and, transformed, " + Bytes.text(kept)
                                + ", scratch "
                                + Bytes.text(decoding.needs().scratchBytes()) + " a thread"));
        return new PlannedDecode(plan, decoding, leftBytes(decoding), options, config);
    }

    /** Counts the transformed weights that a decode is about to leave in the decoder's layers. */
    public void begin(PlannedDecode planned) {
        resident.left(Half.DECODER, planned.decoding().keptBytes());
    }

    /** The blended tiles of a decode, or null where pictures are no larger than a tile, or no tiles are wanted. */
    private TilePlan tiles(LatentShape latents, DecodeOptions options) {
        if (!(options.tiling() instanceof Tiling.Tiles tiling)) return null;
        int scale = config.spatialScale();
        TilePlan tiles = new TilePlan(
                latents.height(),
                latents.width(),
                tiling.height() / scale,
                tiling.width() / scale,
                tiling.strideHeight() / scale,
                tiling.strideWidth() / scale);
        return tiles.applies() ? tiles : null;
    }

    /** The tiles in time of a decode. */
    private TimePlan time(LatentShape latents, DecodeOptions options) {
        FrameTiling.Tiles tiling = switch (options.frameTiling()) {
            case FrameTiling.FamilyDefault _ -> FrameTiling.DIFFUSERS;
            case FrameTiling.Off _ -> WHOLE_CLIP;
            case FrameTiling.Tiles tiles -> tiles;
        };
        return new TimePlan(latents.frames(), tiling.frames(), tiling.strideFrames(), config.temporalScale());
    }

    private VideoShape video(LatentShape latents) {
        return new VideoShape(
                latents.batch(),
                1 + config.temporalScale() * (latents.frames() - 1),
                latents.height() * config.spatialScale(),
                latents.width() * config.spatialScale(),
                config.imageChannels());
    }

    // How much memory there is.

    /** Bytes the process may take: what the option allows, or less where the machine has less. */
    private long limit(DecodeOptions options) {
        return Math.min(options.memoryLimitBytes().orElse(Long.MAX_VALUE), MachineMemory.usable(machine));
    }

    /** Bytes of the whole process at its peak. */
    private long bytes(LatentShape latents, Decoding decoding, DecodeOptions options) {
        return fixedBytes(latents) + leftBytes(decoding) + decoding.bytes(options.threads());
    }

    /** Bytes of transformed weights that earlier runs have left and this one does not count itself. */
    private long leftBytes(Decoding decoding) {
        return resident.leftBy(Half.ENCODER) + Math.max(0, resident.leftBy(Half.DECODER) - decoding.keptBytes());
    }

    /** Bytes of everything but the decoder's own memory. */
    private long fixedBytes(LatentShape latents) {
        VideoShape video = video(latents);
        long values = (long) latents.batch() * latents.channels() * latents.frames() * latents.height();
        return resident.weights()
                + Float.BYTES * values * latents.width()
                + QUEUED_FRAMES * PixelFormat.of(config).bytes(video.height(), video.width())
                + MachineMemory.PROCESS;
    }

    // Which transformed weights are kept.

    /** Keeps the weights for which that pays. */
    static MemoryNeeds keepingUsual(MemoryNeeds needs) {
        MemoryNeeds most = needs.keeping(MOST), usual = isModest(most) ? most : keepingFew(needs);
        return needs.groups() >= MANY_GROUPS ? keepingAll(usual) : usual;
    }

    /** Keeps the weights of all layers for decodes to come, if they are not too many. */
    static MemoryNeeds keepingAll(MemoryNeeds needs) {
        MemoryNeeds all = needs.keeping(Long.MAX_VALUE);
        return isModest(all) ? all : needs;
    }

    /** Keeps the weights of layers with few channels only. */
    static MemoryNeeds keepingFew(MemoryNeeds needs) {
        return needs.keeping(FEW);
    }

    private static boolean isModest(MemoryNeeds needs) {
        return needs.frameBytes() + needs.keptBytes() <= MODEST;
    }

    // Which way.

    /** The first way with which the process fits in this many bytes, or the smallest one if none fits. */
    private Decoding choose(LatentShape latents, DecodeOptions options, long limit) {
        long available = limit - fixedBytes(latents);
        Decoding decoding = chooseWithin(available, options);
        // Transformed weights that earlier runs have left take memory, unless this decode counts them among those it
        // keeps.
        if (leftBytes(decoding) > 0) decoding = chooseWithin(available - leftBytes(decoding), options);
        if (!keepsMemory || options.memoryLimitBytes().isPresent() || !(decoding instanceof PlainDecoding plain))
            return decoding;
        PlainDecoding more = plain.with(keepingAll(plain.needs()));
        return more.bytes(options.threads()) <= available ? more : plain;
    }

    /** The first way whose own memory fits in this many bytes, or the smallest one if none fits. */
    private Decoding chooseWithin(long available, DecodeOptions options) {
        return switch (decoder) {
            case StreamingDecoder streaming
            when candidates.key().tiles() == null -> chooseExact(streaming, options.threads(), available);
            case StreamingDecoder streaming -> chooseTiles(streaming, options, available);
            case ClipDecoder clip -> {
                FramewiseDecoding whole = candidates.framewise(clip, CLIP_GROUP);
                whole = whole.onDisk(!whole.time().applies() && belongsOnDisk(whole.canvasBytes()));
                FramewiseDecoding usual = whole.with(keepingUsual(whole.needs()));
                yield usual.bytes(options.threads()) <= available ? usual : whole.with(keepingFew(whole.needs()));
            }
        };
    }

    private boolean belongsOnDisk(long canvasBytes) {
        return canvasBytes > CANVAS && !candidates.directoryIsMemory();
    }

    /** Whole pictures or pieces of them, which all give the same bits. */
    private Decoding chooseExact(StreamingDecoder decoder, int threads, long available) {
        PlainDecoding plain =
                candidates.plain(decoder, decoder.bands(candidates.key().shape()));
        PlainDecoding usual = plain.with(keepingUsual(plain.needs())), few = plain.with(keepingFew(plain.needs()));
        if (usual.bytes(threads) <= available) return usual;
        if (few.bytes(threads) <= available) return few;
        PlainDecoding banded = candidates.plain(decoder, MANY_BANDS);
        banded = banded.with(keepingFew(banded.needs()));
        if (banded.bytes(threads) <= available) return banded;
        PieceSearch<PiecewiseDecoding> search = candidates.pieces(decoder);
        Optional<PiecewiseDecoding> pieces = search.fitting(threads, available);
        if (pieces.isPresent()) {
            PiecewiseDecoding fitting = pieces.get();
            return fitting.inMemory(fitting.inMemory() || fitting.bytes(threads) + fitting.disk() <= available);
        }
        Decoding smallest = List.of(usual, few, banded).stream()
                .min(Comparator.comparingLong(whole -> whole.bytes(threads)))
                .orElseThrow();
        return search.smallest(threads, smallest.bytes(threads))
                .<Decoding>map(smaller -> smaller)
                .orElse(smallest);
    }

    /**
     * Chooses the first of these that fits: as many tiles at a time as keep the threads busy, or fewer; the same
     * without keeping the transformed weights of the largest layers; one tile at a time, in bands of rows if that takes
     * less memory. Without a bound from the caller, several tiles at a time take at most {@link #MODEST} bytes.
     */
    private Decoding chooseTiles(StreamingDecoder decoder, DecodeOptions options, long available) {
        int threads = options.threads();
        TiledDecoding one = candidates.tiled(decoder, 1);
        one = one.onDisk(belongsOnDisk(one.canvasBytes()));
        TiledDecoding usual = one.with(keepingUsual(one.needs())), few = one.with(keepingFew(one.needs()));
        for (TiledDecoding tiled : List.of(usual, few))
            for (int lanes = busy(one.tiles(), threads); lanes > 0; lanes--) {
                TiledDecoding several = tiled.inLanes(lanes);
                boolean modest = lanes == 1
                        || options.memoryLimitBytes().isPresent()
                        || tiled.needs().bytes(threads, lanes) <= MODEST;
                if (modest && several.bytes(threads) <= available) return several;
            }
        TiledDecoding banded = candidates.tiled(decoder, MANY_BANDS);
        banded = banded.onDisk(one.onDisk()).with(keepingFew(banded.needs()));
        return banded.bytes(threads) < few.bytes(threads) ? banded : few;
    }

    /**
     * Tiles at a time whose smallest layers together make two blocks of work for each thread. On two threads, two tiles
     * of 192 pixels at a time, or three of 96, take 10 % less time than one at a time. Several tiles of 256 pixels take
     * 3 % more, so these go one at a time.
     */
    private static int busy(TilePlan tiles, int threads) {
        Tile tile = tiles.tile(0, 0);
        int blocks = Math.max(1, tile.height() * tile.width() / TILE_BLOCK);
        return threads == 1 ? 1 : Math.min(tiles.count(), Math.ceilDiv(2 * threads, blocks));
    }
}
