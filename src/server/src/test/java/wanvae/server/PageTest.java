package wanvae.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wanvae.generated.GeneratedVae;
import wanvae.latent.LatentShape;
import wanvae.video.PngWriter;
import wanvae.video.picture.Rgb;

/** The page in a real browser, where one is installed. */
class PageTest {
    private static final String VISIBLE = "!document.getElementById('%s').hidden";

    @TempDir
    Path folder;

    private Path latents(LatentShape shape) throws Exception {
        Path file = folder.resolve("my latents.safetensors");
        GeneratedVae.writeLatents(shape, 1, file);
        return file;
    }

    private Browser browser() throws Exception {
        Path chromium = Browser.find();
        assumeTrue(chromium != null, "no Chromium is installed");
        return new Browser(chromium, folder);
    }

    /** Chooses a file; then the keyboard alone: the button is reached by Tab, and the result is played. */
    @Test
    void aFileBecomesAVideo() throws Exception {
        try (Browser browser = browser();
                Served served = Served.start(folder)) {
            browser.open(served.uri("/"));
            browser.await("document.getElementById('models').innerText.includes('tiny (Wan 2.1)')");
            browser.choose("#file", latents(new LatentShape(1, 16, 3, 16, 24)));
            browser.await(VISIBLE.formatted("chosen"));
            String plan = browser.evaluate("document.getElementById('plan').innerText");
            assertTrue(plan.startsWith("Wan 2.1: 9 frames of 192×128, "), plan);
            browser.await("document.getElementById('look')?.naturalWidth === 96");
            browser.evaluate("document.getElementById('file').focus()");
            for (int i = 0; !browser.evaluate("document.activeElement.id").equals("start"); i++) {
                assertTrue(i < 20, "the button is not reached");
                browser.press("Tab");
            }
            browser.press("Enter");
            browser.await(VISIBLE.formatted("done"));
            browser.await("document.querySelector('video').readyState >= 2");
            assertEquals(
                    "192 128",
                    browser.evaluate(
                            "document.querySelector('video').videoWidth + ' ' + document.querySelector('video').videoHeight"));
            browser.evaluate(
                    "document.querySelector('video').pause(), document.querySelector('video').currentTime = 0.4");
            browser.await("!document.querySelector('video').seeking");
            assertEquals("0.4", browser.evaluate("document.querySelector('video').currentTime"));
            assertEquals("download", browser.evaluate("document.activeElement.id"));
            assertEquals("my latents.mp4", browser.evaluate("document.getElementById('download').download"));
            browser.await("document.querySelectorAll('#jobs li').length === 1");
            browser.evaluate("document.querySelector('#jobs button').click()");
            browser.await("document.querySelectorAll('#jobs li').length === 0");
        }
    }

    @Test
    void onAPhoneNothingIsWiderThanTheScreen() throws Exception {
        try (Browser browser = browser();
                Served served = Served.start(folder)) {
            browser.size(360, 740, true);
            browser.open(served.uri("/"));
            browser.choose("#file", latents(new LatentShape(1, 16, 2, 16, 24)));
            browser.await(VISIBLE.formatted("chosen"));
            assertEquals("360", browser.evaluate("document.documentElement.scrollWidth"));
            String small = browser.evaluate("""
                    [...document.querySelectorAll('button, select, input')].filter(e => e.offsetParent)
                      .map(e => e.closest('label.row') ?? e).filter(e => e.getBoundingClientRect().height < 43)
                      .map(e => e.outerHTML).join()""");
            assertEquals("", small, "too small for a finger");
            browser.evaluate("document.getElementById('start').click()");
            browser.await(VISIBLE.formatted("done"));
            assertEquals("360", browser.evaluate("document.documentElement.scrollWidth"));
        }
    }

    @Test
    void whatIsWrongIsToldInWords() throws Exception {
        try (Browser browser = browser();
                Served served = Served.start(folder, options -> Options.withToken(options, "open"))) {
            browser.open(served.uri("/"));
            browser.await(VISIBLE.formatted("token-row"));
            browser.await("document.getElementById('alert').innerText.includes('wants a token')");
            browser.evaluate(
                    "document.getElementById('token').value = 'open', document.getElementById('token-set').click()");
            browser.await("document.getElementById('models').innerText.includes('tiny')");
            browser.choose("#file", Files.writeString(folder.resolve("text.npy"), "no latents"));
            browser.await(VISIBLE.formatted("alert"));
            String alert = browser.evaluate("document.getElementById('alert').innerText");
            assertTrue(alert.startsWith("The request's body: "), alert);
            browser.choose("#file", latents(new LatentShape(1, 16, 1, 8, 8)));
            browser.await("document.getElementById('format').value === 'png' && " + VISIBLE.formatted("chosen"));
            browser.evaluate("document.getElementById('start').click()");
            browser.await("document.querySelector('#result img')?.naturalWidth === 64");
            assertEquals("true", browser.evaluate("document.getElementById('alert').hidden"));
        }
    }

    @Test
    void aPictureBecomesLatentsAndAPictureAgain() throws Exception {
        try (Browser browser = browser();
                Served served = Served.start(folder)) {
            browser.open(served.uri("/"));
            browser.await("!document.getElementById('encodes').hidden");
            byte[] png = PngWriter.encode(new Rgb(33, 50, new byte[3 * 33 * 50]));
            browser.choose("#file", Files.write(folder.resolve("black.png"), png));
            browser.await(VISIBLE.formatted("chosen"));
            assertEquals("black.safetensors", browser.evaluate("document.getElementById('latents').download"));
            browser.evaluate("document.getElementById('start').click()");
            browser.await("document.querySelector('#result img')?.naturalWidth === 48");
        }
    }

    /** Every control has a name for those who do not see it. */
    @Test
    void everyControlHasAName() throws Exception {
        try (Browser browser = browser();
                Served served = Served.start(folder)) {
            browser.open(served.uri("/"));
            assertEquals("", browser.evaluate("""
                    [...document.querySelectorAll('input, select, button, progress, a')]
                      .filter(e => !e.hidden && !(e.labels?.length || e.getAttribute('aria-label') || e.innerText || e.textContent.trim()))
                      .map(e => e.outerHTML).join()"""));
            assertEquals("en", browser.evaluate("document.documentElement.lang"));
        }
    }
}
