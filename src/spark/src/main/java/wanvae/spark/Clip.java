package wanvae.spark;

import java.io.Serializable;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A file to convert.
 *
 * @param input  its URI
 * @param output the URI of the result; the results of a batch add a number to it
 */
record Clip(String input, String output) implements Serializable {
    /** The schema of the summary. */
    static final StructType SCHEMA = new StructType()
            .add("path", DataTypes.StringType, false)
            .add("output", DataTypes.StringType, false)
            .add("frames", DataTypes.IntegerType)
            .add("seconds", DataTypes.DoubleType, false)
            .add("bytes", DataTypes.LongType)
            .add("error", DataTypes.StringType);

    private static final String FIRST = "-0";

    /** The clip of an input that lies in the subfolder {@code below} of the folder of all inputs. */
    static Clip of(String input, String below, String folder, String ending) {
        String name = input.substring(input.lastIndexOf('/') + 1).replaceFirst("(?<=.)\\.[^.]*$", "") + ending;
        return new Clip(input, Storage.child(below.isEmpty() ? folder : Storage.child(folder, below), name));
    }

    /** The URI of a batch's first result, which appears last. */
    String firstOfBatch() {
        int dot = output.lastIndexOf('.');
        return output.substring(0, dot) + FIRST + output.substring(dot);
    }

    Row row(Integer frames, double seconds, Long bytes, String error) {
        return RowFactory.create(input, output, frames, seconds, bytes, error);
    }
}
