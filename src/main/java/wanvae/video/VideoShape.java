package wanvae.video;

/** What a sink will receive: {@code members} videos of {@code frames} frames of {@code height} x {@code width} pixels. */
public record VideoShape(int members, int frames, int height, int width) {}
