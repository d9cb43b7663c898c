package wanvae.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import wanvae.frame.Frame;
import wanvae.video.PngWriter;
import wanvae.video.picture.Rgb;
import wanvae.video.picture.SignedPicture;

/** Writes frames as image files. */
final class Pictures {
    /** PIL's default quality for JPEG. */
    private static final float JPEG_QUALITY = 0.75f;

    private Pictures() {}

    static byte[] png(Frame frame) {
        return PngWriter.encode(new SignedPicture(frame));
    }

    static byte[] jpeg(Frame frame) throws IOException {
        var bytes = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (var out = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(out);
            ImageWriteParam options = writer.getDefaultWriteParam();
            options.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            options.setCompressionQuality(JPEG_QUALITY);
            writer.write(null, new IIOImage(Rgb.of(frame).toBufferedImage(), null, null), options);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }
}
