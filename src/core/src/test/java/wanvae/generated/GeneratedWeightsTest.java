package wanvae.generated;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wanvae.config.HunyuanConfig;
import wanvae.config.WanConfig;
import wanvae.latent.LatentShape;

class GeneratedWeightsTest {
    @Test
    void hashesAndKeys() {
        assertEquals(0xcbf29ce484222325L, GeneratedWeights.fnv1a64(""));
        assertEquals(0xaf63dc4c8601ec8cL, GeneratedWeights.fnv1a64("a"));
        assertEquals(0xaec4671526ad0748L, GeneratedWeights.fnv1a64("latents"));
        long key = GeneratedWeights.key("latents", 1);
        assertEquals(0x30f31eac59e77b5dL, key);
        assertEquals(7340975, GeneratedWeights.k(key, 0));
        assertEquals(7346890, GeneratedWeights.k(key, 1));
        assertEquals(7880899, GeneratedWeights.k(key, 2));
    }

    @Test
    void latents() {
        MemorySegment values =
                GeneratedWeights.latents(new LatentShape(1, 16, 5, 8, 6), 1).values();
        assertEquals(0xbe9e8310, values.getAtIndex(ValueLayout.JAVA_INT, 0));
        assertEquals(0xbec9c71c, values.getAtIndex(ValueLayout.JAVA_INT, 1));
        assertEquals(0x3f41df00, values.getAtIndex(ValueLayout.JAVA_INT, 2));
        assertEquals(0.008704662f, values.getAtIndex(ValueLayout.JAVA_FLOAT, 16 * 5 * 8 * 6 - 1));
    }

    /** The values published with the generator's definition, Wan 2.1 and HunyuanVideo at full size. */
    @ParameterizedTest
    @CsvSource(textBlock = """
            WAN,     1, decoder.conv_in.weight,                            0,      0xbd645728
            WAN,     1, decoder.conv_in.weight,                            1,      0xbd84bf00
            WAN,     1, decoder.conv_in.weight,                            165887, 0xbda8d29b
            WAN,     1, decoder.norm_out.gamma,                            0,      0x3f85ce3f
            WAN,     1, decoder.norm_out.gamma,                            95,     0x3f77c390
            WAN,     1, decoder.conv_out.bias,                             0,      0x3d330d1a
            WAN,     1, decoder.conv_out.bias,                             1,      0x3d931c28
            WAN,     1, decoder.conv_out.bias,                             2,      0xbc0e0167
            WAN,     1, decoder.mid_block.attentions.0.to_qkv.weight,      0,      0x3e02dda7
            WAN,     7, decoder.conv_out.weight,                           0,      0x3a329328
            WAN,     7, decoder.conv_out.weight,                           7775,   0x3c431b0c
            HUNYUAN, 41, decoder.mid_block.attentions.0.group_norm.weight, 0,      0x3f7da8ab
            HUNYUAN, 41, decoder.mid_block.attentions.0.group_norm.weight, 511,    0x3f83b910
            HUNYUAN, 41, decoder.conv_norm_out.weight,                     0,      0x3f77d1e8
            HUNYUAN, 41, decoder.conv_norm_out.weight,                     127,    0x3f6f7079
            HUNYUAN, 41, decoder.mid_block.attentions.0.to_q.weight,       0,      0xbdd38b10
            HUNYUAN, 41, decoder.mid_block.attentions.0.to_q.weight,       262143, 0xbc93b32b
            HUNYUAN, 41, decoder.mid_block.attentions.0.to_out.0.weight,   0,      0x3d8a8853
            HUNYUAN, 41, decoder.mid_block.attentions.0.to_out.0.weight,   262143, 0x3d273485
            HUNYUAN, 41, decoder.up_blocks.0.resnets.0.norm1.bias,         0,      0x3cb05a40
            HUNYUAN, 41, decoder.conv_out.conv.weight,                     0,      0x3b817de9
            HUNYUAN, 41, decoder.conv_out.conv.weight,                     10367,  0x3bc18b39
            HUNYUAN, 41, decoder.conv_in.conv.weight,                      0,      0xbd9c2c5e
            HUNYUAN, 41, decoder.conv_in.conv.weight,                      1,      0xbd35070b
            HUNYUAN, 41, post_quant_conv.weight,                           0,      0x3e9b2987
            HUNYUAN, 41, post_quant_conv.weight,                           255,    0x3ed58508
            """)
    void weights(String family, long seed, String name, int index, String bits) {
        var generated =
                new GeneratedWeights(family.equals("WAN") ? WanConfig.WAN_2_1 : HunyuanConfig.HUNYUAN_VIDEO, seed);
        int n = (int) generated.tensors().get(name).elements();
        MemorySegment values = MemorySegment.ofArray(new float[n]);
        generated.read(name, values);
        assertEquals(
                Integer.parseUnsignedInt(bits.substring(2), 16),
                values.getAtIndex(ValueLayout.JAVA_INT, index),
                name + "[" + index + "]");
        MemorySegment one = MemorySegment.ofArray(new float[1]);
        GeneratedWeights.fill(name, generated.tensors().get(name).shape(), seed, index, one);
        assertEquals(values.getAtIndex(ValueLayout.JAVA_INT, index), one.get(ValueLayout.JAVA_INT, 0));
    }
}
