// How the site's search orders what it found: where a word stands, and on what kind of page.
// Sphinx puts it in place of its own Scorer, whose other numbers these are.
var Scorer = {
  score: ([page, title, anchor, description, score]) => {
    const answers = /^(index|tutorial|from_brian2|howto|questions|serving|cite)(\/|$)/;
    const background = /^(changelog|architecture|why|speed|contributing)$/;
    if (answers.test(page)) return score + 4;
    return background.test(page) ? score - 3 : score;
  },
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
