module filming {
    requires wanvae.video;
}
