package wanvae.strategy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import wanvae.config.Half;
import wanvae.config.VaeConfig;
import wanvae.decode.Tiling;
import wanvae.encode.EncodeOptions;
import wanvae.encode.EncodePlan;
import wanvae.encode.Posterior;
import wanvae.family.VaeFamily;
import wanvae.frame.VideoShape;
import wanvae.kernel.Window;
import wanvae.latent.EncodedShape;
import wanvae.model.StageShape;
import wanvae.model.VaeEncoder;
import wanvae.model.Weights;
import wanvae.runtime.Spool;

/**
 * Plans encodes, by the rules of {@link Planner}: chooses in which way a video is encoded, so that the process stays
 * within its memory. It chooses the first of these ways that fits: whole pictures; whole pictures without keeping the
 * transformed weights of the largest layers; whole pictures in more bands of rows; as few pieces as will do. Tiles are
 * only used if the caller wants them. Safe from several threads.
 */
public final class EncodePlanner {
    private final VaeEncoder encoder;
    private final VaeConfig config;
    private final Resident resident;
    private final LongSupplier machine;
    private final boolean keepsMemory;

    /**
     * Plans for one encoder.
     *
     * @param resident what the VAE holds in memory
     * @param machine  reports the memory of the machine or of the container around this process, bytes
     * @param keepsMemory whether encodes leave memory and transformed weights to later ones
     */
    public EncodePlanner(VaeEncoder encoder, Resident resident, LongSupplier machine, boolean keepsMemory) {
        this.keepsMemory = keepsMemory;
        this.encoder = encoder;
        this.config = encoder.config();
        this.resident = resident;
        this.machine = machine;
    }

    /**
     * Plans for a VAE that is not open, on this machine.
     *
     * @throws IllegalArgumentException if no encoder of this family is known
     */
    public static <C extends VaeConfig> EncodePlanner of(C config) {
        if (!config.encodes()) throw new IllegalArgumentException("No encoder of " + config.family() + " is known.");
        VaeFamily<C> family = VaeFamily.of(config);
        Weights weights = Weights.dry(family.tensors(config, Half.ENCODER));
        Resident resident = new Resident();
        resident.opened(Half.ENCODER, weights.bytes());
        return new EncodePlanner(family.encoder(weights, config), resident, MachineMemory.total(), false);
    }

    /**
     * Plans an encode.
     *
     * @throws IllegalArgumentException if this VAE cannot encode such a video with these options, in one sentence
     */
    public synchronized PlannedEncode plan(VideoShape shape, EncodeOptions options) {
        boolean tiled = isTiled(shape, options);
        EncodedVideo video = requireFits(shape, tiled);
        StageShape latents = encoder.shape(video.planned(), encoder.stages());
        boolean open = video.isOpenEnded();
        EncodedShape result = new EncodedShape(
                video.members(),
                options.posterior() instanceof Posterior.Moments && encoder.hasPosterior()
                        ? 2 * config.latentChannels()
                        : config.latentChannels(),
                open ? EncodedShape.UNKNOWN : latents.frames(),
                latents.height(),
                latents.width());
        long asked = options.memoryLimitBytes().orElse(Long.MAX_VALUE);
        long limit = Math.min(asked, MachineMemory.usable(machine));
        Choice choice = new Choice(video, options);
        TilePlan tiles = tiled ? tiles(latents, (Tiling.Tiles) options.tiling()) : null;
        long beside = besides(result, video);
        Encoding encoding = choice.within(limit - beside, tiles);
        // Transformed weights that earlier encodes have left take memory, unless this encode counts them among those it
        // keeps.
        long left = leftBytes(encoding);
        if (left > 0) encoding = choice.within(limit - beside - left, tiles);
        if (keepsMemory && options.memoryLimitBytes().isEmpty() && encoding instanceof PlainEncoding plain) {
            PlainEncoding more = plain.with(Planner.keepingAll(plain.needs()));
            if (beside + more.bytes(options.threads()) <= limit) encoding = more;
        }
        long memory = beside + leftBytes(encoding) + encoding.bytes(options.threads());
        boolean bounded = limit < asked
                && memory <= limit
                && beside + choice.within(asked - beside, tiles).bytes(options.threads()) > limit;
        EncodePlan plan = new EncodePlan(
                result,
                new VideoShape(
                        video.members(),
                        video.frames(),
                        video.height() / config.spatialScale() * config.spatialScale(),
                        video.width() / config.spatialScale() * config.spatialScale()),
                options.threads(),
                encoding.operations(),
                memory,
                memory - resident.weights() - MachineMemory.PROCESS,
                resident.weights(),
                encoding.disk(),
                limit,
                bounded,
                List.of(
                        encoding.order(),
                        "feature caches and activations " + Bytes.text(encoding.frameBytes()) + ", weights "
                                + Bytes.text(resident.weights()) + " and, transformed, "
                                + Bytes.text(encoding.keptBytes()) + ", scratch "
                                + Bytes.text(encoding.needs().scratchBytes()) + " a thread"));
        return new PlannedEncode(plan, encoding, options, config, encoder.hasPosterior());
    }

    /** Counts the transformed weights that an encode is about to leave in the encoder's layers. */
    public void begin(PlannedEncode planned) {
        resident.left(Half.ENCODER, planned.encoding().keptBytes());
    }

    /** Bytes of transformed weights that earlier encodes have left and this one does not count itself. */
    private long leftBytes(Encoding encoding) {
        return Math.max(0, resident.leftBy(Half.ENCODER) - encoding.keptBytes());
    }

    /** Bytes of everything but the encoder's own memory. */
    private long besides(EncodedShape latents, EncodedVideo video) {
        int frames = Math.max(1, latents.frames());
        long values = (long) latents.members() * latents.channels() * frames * latents.height() * latents.width();
        return resident.weights()
                + resident.leftBy(Half.DECODER)
                + 2 * Float.BYTES * values
                + video.pictureBytes()
                + MachineMemory.PROCESS;
    }

    /**
     * Whether the video is larger than a tile. As in the reference its pixels count, even where tiles are given in
     * patches.
     */
    private boolean isTiled(VideoShape shape, EncodeOptions options) {
        if (!(options.tiling() instanceof Tiling.Tiles tiling)) return false;
        int factor = config.spatialScale() / config.patchSize();
        for (int size : new int[] {tiling.height(), tiling.width(), tiling.strideHeight(), tiling.strideWidth()})
            if (size % factor != 0)
                throw new IllegalArgumentException("Tile sizes and strides are multiples of " + factor + " for this "
                        + config.family() + " VAE, which " + size + " is not.");
        return shape.height() > tiling.height() || shape.width() > tiling.width();
    }

    private TilePlan tiles(StageShape latents, Tiling.Tiles tiling) {
        int factor = config.spatialScale() / config.patchSize();
        return new TilePlan(
                latents.height(),
                latents.width(),
                tiling.height() / factor,
                tiling.width() / factor,
                tiling.strideHeight() / factor,
                tiling.strideWidth() / factor);
    }

    private EncodedVideo requireFits(VideoShape shape, boolean tiled) {
        String size = shape.width() + "x" + shape.height();
        int scale = config.spatialScale();
        if (shape.members() < 1 || shape.frames() != VideoShape.UNKNOWN && shape.frames() < 1)
            throw new IllegalArgumentException("The video has no frames.");
        if (shape.frames() == VideoShape.UNKNOWN && shape.members() != 1)
            throw new IllegalArgumentException(
                    "A video that does not tell its length has one member, not " + shape.members() + ".");
        if (shape.height() < scale || shape.width() < scale)
            throw new IllegalArgumentException("Pictures of " + size + " are too small: this " + config.family()
                    + " VAE makes one latent pixel of " + scale + "x" + scale + ".");
        if ((long) shape.height() * shape.width() > Integer.MAX_VALUE / 4)
            throw new IllegalArgumentException(
                    "Pictures of " + size + " have more than " + Integer.MAX_VALUE / 4 + " pixels.");
        // Shortcuts and tiles take whole latent pixels. Otherwise pixels at the edge contribute to their neighbours'
        // latents.
        return EncodedVideo.of(encoder, shape, tiled || !encoder.takesOddSizes());
    }

    /** The ways to encode one video; each dry run is made once. */
    private final class Choice implements PieceSearch.Divisions<PiecewiseEncoding> {
        private final EncodedVideo video;
        private final EncodeOptions options;
        private final boolean inMemory;
        private final Map<Integer, PlainEncoding> plain = new HashMap<>();
        private final Map<Integer, Section> behind = new HashMap<>();
        private final PieceSearch<PiecewiseEncoding> pieces = new PieceSearch<>(this);

        Choice(EncodedVideo video, EncodeOptions options) {
            this.video = video;
            this.options = options;
            inMemory = Spool.isMemory(options.temporaryDirectory());
        }

        private long bytes(Encoding encoding) {
            return encoding.bytes(options.threads());
        }

        private Encoding smallest(List<? extends Encoding> encodings) {
            return encodings.stream().min(Comparator.comparingLong(this::bytes)).orElseThrow();
        }

        /** The first way that fits in this many bytes, or the smallest one if none fits. */
        Encoding within(long available, TilePlan tiles) {
            if (tiles != null) return tiled(available, tiles);
            PlainEncoding usual = plain(encoder.bands(video.planned()));
            PlainEncoding few = usual.with(Planner.keepingFew(usual.needs()));
            usual = usual.with(Planner.keepingUsual(usual.needs()));
            if (bytes(usual) <= available) return usual;
            if (bytes(few) <= available) return few;
            PlainEncoding banded = plain(Planner.MANY_BANDS);
            banded = banded.with(Planner.keepingFew(banded.needs()));
            if (bytes(banded) <= available) return banded;
            Optional<PiecewiseEncoding> fitting = pieces.fitting(options.threads(), available);
            if (fitting.isPresent()) return fitting.get();
            Encoding smallest = smallest(List.of(usual, few, banded));
            return pieces.smallest(options.threads(), bytes(smallest))
                    .<Encoding>map(smaller -> smaller)
                    .orElse(smallest);
        }

        private PlainEncoding plain(int bands) {
            return plain.computeIfAbsent(bands, b -> PlainEncoding.plan(encoder, video, b));
        }

        private Encoding tiled(long available, TilePlan tiles) {
            List<TiledEncoding> ways = new ArrayList<>();
            for (int bands : new int[] {1, Planner.MANY_BANDS}) {
                TiledEncoding tiled =
                        TiledEncoding.plan(encoder, video, tiles, bands, options.temporaryDirectory(), inMemory);
                if (bands == 1) ways.add(tiled.with(Planner.keepingUsual(tiled.needs())));
                if (bytes(ways.getFirst()) <= available) break;
                ways.add(tiled.with(Planner.keepingFew(tiled.needs())));
                if (bytes(ways.getLast()) <= available) break;
            }
            return bytes(ways.getLast()) <= available ? ways.getLast() : smallest(ways);
        }

        @Override
        public List<PieceSearch.Grid> grids(int count) {
            List<PieceSearch.Grid> grids = new ArrayList<>();
            for (int cut = 1; cut < encoder.stages(); cut++)
                for (int rows = 1; rows <= count; rows++)
                    if (count % rows == 0 && possible(cut, rows, count / rows))
                        grids.add(new PieceSearch.Grid(cut, rows, count / rows));
            return grids;
        }

        private boolean possible(int cut, int rows, int columns) {
            Window picture = encoder.shape(video.planned(), cut).picture();
            int least = Planner.LEAST_PIECE >> cut;
            return (rows == 1 || picture.height() / rows >= least)
                    && (columns == 1 || picture.width() / columns >= least);
        }

        @Override
        public Optional<PiecewiseEncoding> plan(PieceSearch.Grid grid, long most) {
            Section behind = this.behind.computeIfAbsent(
                    grid.cut(), cut -> Section.whole(encoder, video.clip(), cut, encoder.stages(), 1));
            return PiecewiseEncoding.plan(
                            encoder,
                            video,
                            grid.rows(),
                            grid.columns(),
                            Math.ceilDiv(Planner.MANY_BANDS, grid.rows()),
                            behind,
                            options.temporaryDirectory(),
                            most)
                    .map(pieces -> pieces.inMemory(inMemory)
                            .with(
                                    Planner.keepingFew(pieces.before().needs()),
                                    Planner.keepingFew(pieces.behind().needs())));
        }
    }
}
