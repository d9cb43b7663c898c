module counting {
    requires wanvae.core;
}
