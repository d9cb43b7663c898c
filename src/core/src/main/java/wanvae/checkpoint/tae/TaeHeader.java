package wanvae.checkpoint.tae;

import com.google.flatbuffers.FlatBufferBuilder;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import wanvae.checkpoint.fbs.Header;
import wanvae.checkpoint.fbs.Tae;
import wanvae.checkpoint.format.ConfigCheck;
import wanvae.checkpoint.format.HeaderTable;
import wanvae.checkpoint.format.HeaderVectors;
import wanvae.config.TaeConfig;
import wanvae.config.TaeModel;
import wanvae.tensorfile.FormatException;

/** The table {@code Tae} in the header of a .wanvae file. */
public final class TaeHeader {
    /** Number of this table's field in {@code Header}. */
    public static final int FIELD = 4;

    private TaeHeader() {}

    /** Walks the table before {@link #read} may read it. */
    public static void check(HeaderTable table) throws FormatException {
        String model = table.name(0);
        if (TaeModel.of(model).isEmpty()) throw table.bad("is of an unknown model, " + FormatException.quote(model));
        table.scalars(4, 1, 2, 6);
        table.scalars(1, 5);
        table.vector(3, 4, ConfigCheck.WIDEST);
        table.vector(4, 4, ConfigCheck.WIDEST);
        table.vector(7, 4, ConfigCheck.WIDEST);
    }

    /** The configuration in a header that has been walked. */
    public static TaeConfig read(Header header) {
        Tae tae = header.tae();
        return new TaeConfig(
                TaeModel.of(tae.model()).orElseThrow(),
                tae.latentChannels(),
                tae.patchSize(),
                list(tae.widthsLength(), tae::widths),
                list(tae.growthLength(), tae::growth),
                tae.isSuper(),
                tae.encoderWidth(),
                list(tae.poolingLength(), tae::pooling));
    }

    private static List<Integer> list(int length, IntUnaryOperator entry) {
        return IntStream.range(0, length).map(entry).boxed().toList();
    }

    /** Writes the table and returns its offset. */
    public static int write(FlatBufferBuilder builder, TaeConfig config) {
        return Tae.createTae(
                builder,
                builder.createString(config.model().id()),
                config.latentChannels(),
                config.patchSize(),
                Tae.createWidthsVector(builder, HeaderVectors.ints(config.widths())),
                Tae.createGrowthVector(builder, HeaderVectors.ints(config.growth())),
                config.isSuper(),
                config.encoderWidth(),
                Tae.createPoolingVector(builder, HeaderVectors.ints(config.pooling())));
    }
}
