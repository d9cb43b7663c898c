package wanvae.video.movie;

/** An index is damaged. The message says how, in words that follow the file's name. */
final class DamagedMovieException extends Exception {
    DamagedMovieException(String message) {
        super(message);
    }
}
