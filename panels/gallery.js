// Search in the gallery: only the models whose texts hold every word that was typed are shown.

const field = document.querySelector(".search input");
const count = document.querySelector(".search output");
const nothing = document.querySelector(".nothing");
const groups = [...document.querySelectorAll(".group")];
const start = document.querySelector(".start");
// Plots are light or dark as the page is, which need not be as the system is.
const { theme } = document.documentElement.dataset;
if (theme) {
  for (const source of document.querySelectorAll("picture source")) source.media = theme === "dark" ? "all" : "not all";
}
const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
const texts = new Map(
  [...document.querySelectorAll(".group .tile")].map((tile) => [
    tile, plain(`${tile.textContent} ${tile.dataset.words ?? ""} ${tile.closest(".group").dataset.topic}`),
  ]),
);

function look() {
  const words = plain(field.value).split(/\s+/).filter(Boolean);
  let found = 0;
  for (const [tile, text] of texts) {
    tile.hidden = !words.every((word) => text.includes(word));
    found += !tile.hidden;
  }
  for (const group of groups) group.hidden = !group.querySelector(".tile:not([hidden])");
  if (start) start.hidden = words.length > 0;
  nothing.hidden = found > 0;
  count.textContent = words.length ? `${found} of ${texts.size} models` : "";
}

field.addEventListener("input", look);
// The browser may fill in what was searched for before the page was left.
window.addEventListener("pageshow", look);
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && event.target !== field && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    field.focus();
  } else if (event.key === "Escape" && event.target === field) {
    field.value = "";
    look();
  } else if (event.key === "Enter" && event.target === field && field.value.trim()) {
    document.querySelector(".group:not([hidden]) a.tile:not([hidden])")?.click();
  }
});
look();
