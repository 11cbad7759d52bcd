// Heading of a card. Sets `seen` to whether the surrounding card is on the screen.

const FRAME = "-48px"; // a card with only its heading or lower edge on the screen is not drawn
const AGAIN_MS = 100;
const ended = new WeakMap(); // by the component's element: ends what watched it before

// The card: host of the shadow root that contains this component's own host element.
const cardOf = (el) => (el.isConnected ? el.getRootNode().host?.getRootNode().host : null);

export function render({ model, el }) {
  const title = document.createElement("h2");
  const tools = document.createElement("div");
  const buttons = document.createElement("div");
  const moment = document.createElement("small");
  moment.title = "This card is drawn less often than the simulation runs: it shows this moment.";
  tools.className = "tools";
  buttons.className = "buttons";

  function draw_title() {
    title.textContent = model.title;
    title.title = model.help;
  }

  function draw_moment() {
    moment.textContent = model.moment;
  }

  function draw_buttons() {
    buttons.replaceChildren(
      ...model.buttons.map(({ name, label, css, icon }) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = css;
        button.title = label;
        button.setAttribute("aria-label", label);
        button.innerHTML = icon;
        button.addEventListener("click", () => model.send_msg({ pressed: name }));
        return button;
      }),
    );
  }

  tools.append(...model.get_child("tools")); // with other tools all is rendered again
  draw_title();
  draw_moment();
  draw_buttons();
  model.on("title", draw_title);
  model.on("help", draw_title);
  model.on("moment", draw_moment);
  model.on("buttons", draw_buttons);
  model.on("marked", () => {
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (model.marked) cardOf(el)?.scrollIntoView({ block: "center", behavior: still ? "auto" : "smooth" });
  });
  el.classList.add("heading");
  el.append(title, moment, tools, buttons);
  watch(model, el);
}

function watch(model, el) {
  ended.get(el)?.();
  let eye = null;
  let waiting = null;

  const around = () => cardOf(el);

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

  const end = () => {
    clearTimeout(waiting);
    eye?.disconnect();
  };
  ended.set(el, end);
  model.on("remove", end);
  look();
}
