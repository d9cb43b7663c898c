package wanvae.video.movie;

/** What is wrong with an index, in words that follow the file's name. */
final class DamagedMovieException extends Exception {
    DamagedMovieException(String message) {
        super(message);
    }
}
