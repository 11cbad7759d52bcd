// Tells whether the plot of the card around it is on the screen.

const FRAME = "-48px"; // a heading, or the lower edge, is not worth the drawing
const AGAIN_MS = 100;

export function render({ model, el }) {
  el.style.display = "none";
  let eye = null;
  let waiting = null;

  // Around this component's own root, and the element that has it.
  const around = () => (el.isConnected ? el.getRootNode().host?.getRootNode().host : null);

  // The card is there only after this component; and both may be put elsewhere later.
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
