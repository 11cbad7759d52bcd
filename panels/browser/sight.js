// Tells whether the card around it is on the screen, or nearly.

const NEAR = "150px"; // drawn before it is scrolled into view

export function render({ model, el }) {
  el.style.display = "none";
  let eye = null;
  model.on("after_layout", () => {
    const card = el.getRootNode().host;
    if (eye || !card) return;
    eye = new IntersectionObserver(
      (changes) => {
        const seen = changes.at(-1).isIntersecting;
        if (seen !== model.seen) model.seen = seen;
      },
      { rootMargin: NEAR },
    );
    eye.observe(card);
  });
  model.on("remove", () => eye?.disconnect());
}
