// Sets `seen` to whether the surrounding card is on the screen.

const FRAME = "-48px"; // a card with only its heading or lower edge on the screen is not drawn
const AGAIN_MS = 100;

export function render({ model, el }) {
  el.style.display = "none";
  let eye = null;
  let waiting = null;

  // The card: host of the shadow root that contains this component's own host element.
  const around = () => (el.isConnected ? el.getRootNode().host?.getRootNode().host : null);

  // The card is created after this component, and both may be moved later.
  function look() {
    eye?.disconnect();
    const card = around();
    if (!card) {
      waiting = setTimeout(look, AGAIN_MS);
      return;
    }
    eye = new IntersectionObserver(
      (changes) => {
        if (around() !== card) {
          look();
          return;
        }
        const seen = changes.at(-1).isIntersecting;
        if (seen !== model.seen) model.seen = seen;
      },
      { rootMargin: FRAME },
    );
    eye.observe(card);
  }

  model.on("remove", () => {
    clearTimeout(waiting);
    eye?.disconnect();
  });
  look();
}
