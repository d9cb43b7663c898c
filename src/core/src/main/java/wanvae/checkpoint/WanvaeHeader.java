package wanvae.checkpoint;

import com.google.flatbuffers.FlatBufferBuilder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import wanvae.checkpoint.fbs.Header;
import wanvae.checkpoint.fbs.Tensor;
import wanvae.checkpoint.format.HeaderTable;
import wanvae.config.Half;
import wanvae.config.VaeConfig;
import wanvae.family.VaeFamily;
import wanvae.tensorfile.DType;
import wanvae.tensorfile.FormatException;
import wanvae.tensorfile.TensorInfo;

/** The header of a .wanvae file, {@code Header} of {@code wanvae.fbs}: walked, and written. */
final class WanvaeHeader {
    /** Types of elements by their number in the file. */
    static final List<DType> TYPES = List.of(DType.F64, DType.F32, DType.F16, DType.BF16);

    private static final int TENSORS = 2, ENCODER_TENSORS = 3;
    private static final int MOST_TENSORS = 1 << 16;
    private static final int MOST_DIMENSIONS = 8;

    private WanvaeHeader() {}

    /**
     * Where a tensor's data lies.
     *
     * @param offset bytes from the beginning of the file
     * @param length bytes
     * @param crc    CRC-32C of these bytes
     */
    record Extent(long offset, long length, int crc) {}

    /**
     * Walks a header, so that the generated accessors may read it.
     *
     * @param buffer little-endian, the header from position 0 to its limit
     * @return the family of the configuration in it
     */
    static VaeFamily<?> check(ByteBuffer buffer, String file) throws FormatException {
        HeaderTable header = HeaderTable.root(buffer, file);
        var families = new ArrayList<VaeFamily<?>>();
        for (VaeFamily<?> family : VaeFamily.all()) if (header.has(family.headerField())) families.add(family);
        if (families.size() != 1) throw header.bad("does not hold exactly one configuration");
        VaeFamily<?> family = families.getFirst();
        family.checkHeader(header.table(family.headerField()));
        checkTensors(header.tables(TENSORS, MOST_TENSORS));
        if (header.has(ENCODER_TENSORS)) checkTensors(header.tables(ENCODER_TENSORS, MOST_TENSORS));
        return family;
    }

    private static void checkTensors(HeaderTable[] tensors) throws FormatException {
        for (HeaderTable tensor : tensors) {
            tensor.name(0);
            tensor.vector(1, 8, MOST_DIMENSIONS);
            tensor.scalars(1, 2);
            tensor.scalars(8, 3, 4);
            tensor.scalars(4, 5);
        }
    }

    /**
     * A header, from the buffer's position to its limit.
     *
     * @param halves  tensors of the decoder and, if there is one, of the encoder
     * @param extents where all of them lie, by name
     */
    static ByteBuffer write(VaeConfig config, Map<Half, List<TensorInfo>> halves, Map<String, Extent> extents) {
        var builder = new FlatBufferBuilder(1 << 16).forceDefaults(true);
        int decoder = Header.createTensorsVector(builder, tensors(builder, halves.get(Half.DECODER), extents));
        int encoder = halves.containsKey(Half.ENCODER)
                ? Header.createEncoderTensorsVector(builder, tensors(builder, halves.get(Half.ENCODER), extents))
                : 0;
        VaeFamily<VaeConfig> family = VaeFamily.of(config);
        int configuration = family.writeHeader(builder, config);
        Header.startHeader(builder);
        builder.addOffset(family.headerField(), configuration, 0);
        Header.addTensors(builder, decoder);
        if (encoder != 0) Header.addEncoderTensors(builder, encoder);
        Header.finishHeaderBuffer(builder, Header.endHeader(builder));
        return builder.dataBuffer();
    }

    private static int[] tensors(FlatBufferBuilder builder, List<TensorInfo> infos, Map<String, Extent> extents) {
        List<Integer> entries = new ArrayList<>();
        for (TensorInfo info : infos) {
            Extent extent = extents.get(info.name());
            int name = builder.createString(info.name());
            int shape = Tensor.createShapeVector(builder, info.shape());
            entries.add(Tensor.createTensor(
                    builder,
                    name,
                    shape,
                    (byte) TYPES.indexOf(info.dtype()),
                    extent.offset,
                    extent.length,
                    Integer.toUnsignedLong(extent.crc)));
        }
        return entries.stream().mapToInt(Integer::intValue).toArray();
    }
}
