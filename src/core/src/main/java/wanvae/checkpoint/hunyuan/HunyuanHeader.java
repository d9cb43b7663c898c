package wanvae.checkpoint.hunyuan;

import com.google.flatbuffers.FlatBufferBuilder;
import java.util.ArrayList;
import wanvae.checkpoint.fbs.Header;
import wanvae.checkpoint.fbs.Hunyuan;
import wanvae.checkpoint.format.ConfigCheck;
import wanvae.checkpoint.format.HeaderTable;
import wanvae.checkpoint.format.HeaderVectors;
import wanvae.config.HunyuanConfig;
import wanvae.tensorfile.FormatException;

/** The table {@code Hunyuan} in the header of a .wanvae file. */
public final class HunyuanHeader {
    /** Number of this table's field in {@code Header}. */
    public static final int FIELD = 1;

    private HunyuanHeader() {}

    /** Walks the table before {@link #read} may read it. */
    public static void check(HeaderTable table) throws FormatException {
        table.scalars(4, 0, 2, 4, 5, 6, 7);
        table.scalars(1, 3);
        table.vector(1, 4, ConfigCheck.WIDEST);
    }

    /** The configuration in a header that has been walked. */
    public static HunyuanConfig read(Header header) {
        Hunyuan hunyuan = header.hunyuan();
        var widths = new ArrayList<Integer>();
        for (int i = 0; i < hunyuan.blockOutChannelsLength(); i++) widths.add(hunyuan.blockOutChannels(i));
        return new HunyuanConfig(
                hunyuan.latentChannels(),
                widths,
                hunyuan.layersPerBlock(),
                hunyuan.midBlockAddAttention(),
                hunyuan.normNumGroups(),
                hunyuan.spatialCompressionRatio(),
                hunyuan.temporalCompressionRatio(),
                hunyuan.scalingFactor());
    }

    /** Writes the table and returns its offset. */
    public static int write(FlatBufferBuilder builder, HunyuanConfig config) {
        int widths = Hunyuan.createBlockOutChannelsVector(builder, HeaderVectors.ints(config.blockOutChannels()));
        return Hunyuan.createHunyuan(
                builder,
                config.latentChannels(),
                widths,
                config.layersPerBlock(),
                config.midBlockAddAttention(),
                config.normNumGroups(),
                config.spatialCompressionRatio(),
                config.temporalCompressionRatio(),
                config.scalingFactor());
    }
}
