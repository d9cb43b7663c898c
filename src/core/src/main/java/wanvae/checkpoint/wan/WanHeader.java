package wanvae.checkpoint.wan;

import com.google.flatbuffers.FlatBufferBuilder;
import java.util.ArrayList;
import wanvae.checkpoint.fbs.Header;
import wanvae.checkpoint.fbs.Wan;
import wanvae.checkpoint.format.ConfigCheck;
import wanvae.checkpoint.format.HeaderTable;
import wanvae.checkpoint.format.HeaderVectors;
import wanvae.config.WanConfig;
import wanvae.tensorfile.FormatException;

/** The table {@code Wan} in the header of a .wanvae file. */
public final class WanHeader {
    /** Number of this table's field in {@code Header}. */
    public static final int FIELD = 0;

    private WanHeader() {}

    /** Walks the table before {@link #read} may read it. */
    public static void check(HeaderTable table) throws FormatException {
        table.name(0);
        table.scalars(4, 1, 2, 4, 9, 10, 11, 12);
        table.scalars(1, 8);
        table.vector(3, 4, ConfigCheck.WIDEST);
        table.vector(5, 1, ConfigCheck.WIDEST);
        table.vector(6, 4, ConfigCheck.WIDEST);
        table.vector(7, 4, ConfigCheck.WIDEST);
    }

    /** The configuration in a header that has been walked. */
    public static WanConfig read(Header header) {
        Wan wan = header.wan();
        var dimMult = new ArrayList<Integer>();
        for (int i = 0; i < wan.dimMultLength(); i++) dimMult.add(wan.dimMult(i));
        var upsample = new ArrayList<Boolean>();
        for (int i = 0; i < wan.temporalUpsampleLength(); i++) upsample.add(wan.temporalUpsample(i));
        var mean = new ArrayList<Float>();
        for (int i = 0; i < wan.latentsMeanLength(); i++) mean.add(wan.latentsMean(i));
        var std = new ArrayList<Float>();
        for (int i = 0; i < wan.latentsStdLength(); i++) std.add(wan.latentsStd(i));
        var config = new WanConfig(
                wan.className(),
                wan.decoderBaseDim(),
                wan.zDim(),
                dimMult,
                wan.numResBlocks(),
                upsample,
                mean,
                std,
                wan.isResidual(),
                wan.outChannels(),
                wan.patchSize());
        // Older files have neither of these fields and no encoder, so what the constructor assumes will do.
        return wan.encoderBaseDim() == 0 ? config : config.withEncoder(wan.encoderBaseDim(), wan.inChannels());
    }

    /** Writes the table and returns its offset. */
    public static int write(FlatBufferBuilder builder, WanConfig config) {
        int className = builder.createString(config.className());
        int dimMult = Wan.createDimMultVector(builder, HeaderVectors.ints(config.dimMult()));
        return Wan.createWan(
                builder,
                className,
                config.decoderBaseDim(),
                config.zDim(),
                dimMult,
                config.numResBlocks(),
                Wan.createTemporalUpsampleVector(builder, HeaderVectors.booleans(config.temporalUpsample())),
                Wan.createLatentsMeanVector(builder, HeaderVectors.floats(config.latentsMean())),
                Wan.createLatentsStdVector(builder, HeaderVectors.floats(config.latentsStd())),
                config.isResidual(),
                config.outChannels(),
                config.patchSize(),
                config.encoderBaseDim(),
                config.inChannels());
    }
}
