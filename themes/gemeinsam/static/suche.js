// The search of a site, in the browser alone. The index that generator/src/search.rs makes is fetched when somebody searches, and not
// before. All wording but the number of pages stands in templates/suche.html.
(() => {
  'use strict';

  const form = document.getElementById('suche');
  const field = document.getElementById('suchwort');
  const count = document.getElementById('suche-anzahl');
  const list = document.getElementById('suche-treffer');
  const nothing = document.getElementById('suche-nichts');
  const failure = document.getElementById('suche-fehler');
  if (!form || !field || !count || !list || !nothing || !failure) return;

  // Shorter words are looked for as whole words: "it" would be found in every "mit".
  const SHORTEST_PART = 3;
  const MOST_WORDS = 10;
  // They are left out where there is another word.
  const FILLERS = new Set([
    'am', 'an', 'auf', 'aus', 'bei', 'das', 'dem', 'den', 'der', 'des', 'die', 'ein', 'eine', 'einem', 'einen', 'einer', 'eines', 'es', 'fuer',
    'gibt', 'ich', 'im', 'in', 'ist', 'mit', 'oder', 'sich', 'sie', 'sind', 'so', 'und', 'vom', 'von', 'was', 'welche', 'wer', 'wie', 'wir', 'wo',
    'zu', 'zum', 'zur',
  ]);
  // Taken off a word that is found nowhere, the shorter ones first: "Lehrkräftestellen" finds "Lehrkräftestelle".
  const ENDINGS = ['s', 'n', 'e', 'em', 'es', 'er', 'en', 'ern'];
  const SHORTEST_STEM = 4;

  // What a match is worth for each word, and what it is worth that the title is what was asked for.
  const WHOLE_TITLE = 1000, TITLE_WORD = 40, TITLE_PART = 20, HEADING = 5, TEXT = 1;

  // Folding: the same as `fold` in generator/src/search.rs.
  const LETTERS = {
    'ä': 'ae', 'æ': 'ae', 'ö': 'oe', 'œ': 'oe', 'ø': 'oe', 'ü': 'ue', 'ß': 'ss',
    '\u2010': '-', '\u2011': '-', '\u2027': '-', '·': '-',
  };
  const UNSEEN = /[\u00ad\u200b-\u200d\u2060\ufeff]/u;
  const LETTER = /[\p{Alphabetic}\p{N}]/u;

  const foldLetter = (letter) => {
    const lower = Array.from(letter.normalize('NFKC').toLowerCase().normalize('NFC'));
    return lower.map((one) => UNSEEN.test(one) ? '' : LETTERS[one] ?? one.normalize('NFD').replace(/\p{M}/gu, '')).join('');
  };

  const fold = (text) => Array.from(text.normalize('NFC'), foldLetter).join('');

  const wordsOf = (folded) => folded.split(/[^\p{Alphabetic}\p{N}]+/u).filter((word) => word !== '');

  // Where a folded word stands in a folded text.
  const places = (folded, word) => {
    const found = [];
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + 1)) {
      const end = at + word.length;
      const isWhole = !LETTER.test(folded.charAt(at - 1)) && !LETTER.test(folded.charAt(end));
      if (word.length >= SHORTEST_PART || isWhole) found.push([at, end]);
    }
    return found;
  };

  // "startchancenprogramm" is to be found in "Startchancen-Programm" too.
  const withJoined = (folded) => folded.includes('-') ? `${folded} ${folded.replaceAll('-', '')}` : folded;

  const contains = (folded, word) => places(folded, word).length > 0;

  // The index, once somebody has searched.
  let index = null;

  const load = async () => {
    if (index) return index;
    const answer = await fetch(form.dataset.index);
    if (!answer.ok) throw new Error(`${form.dataset.index}: ${answer.status}`);
    const { orte, seiten, woerter } = await answer.json();
    const pages = seiten.map((page) => ({
      ...page,
      titleWords: wordsOf(fold(page.titel)).join(' '),
      foldedTitle: withJoined(fold(page.titel)),
      sections: page.abschnitte.map(([id, title]) => ({ id, title, folded: withJoined(fold(title)) })),
    }));
    index = { pages, words: woerter.split(' '), places: orte };
    return index;
  };

  const pagesWith = ({ words, places }, wanted) => {
    const pages = new Set();
    words.forEach((word, n) => {
      const isFound = wanted.length < SHORTEST_PART ? word === wanted : word.includes(wanted);
      if (isFound) [places[n]].flat().forEach((page) => pages.add(page));
    });
    return pages;
  };

  // A word as it is found, with its pages.
  const lookUp = (index, word) => {
    const stems = ENDINGS.filter((ending) => word.endsWith(ending)).map((ending) => word.slice(0, -ending.length));
    const candidates = [word, ...stems.filter((stem) => stem.length >= SHORTEST_STEM)];
    const found = candidates.map((candidate) => ({ word: candidate, pages: pagesWith(index, candidate) }));
    return found.find(({ pages }) => pages.size > 0) ?? found[0];
  };

  const rank = (page, words, query) => {
    return words.reduce((sum, word) => {
      if (places(page.foldedTitle, word).some(([at]) => !LETTER.test(page.foldedTitle.charAt(at - 1)))) return sum + TITLE_WORD;
      if (contains(page.foldedTitle, word)) return sum + TITLE_PART;
      return sum + (page.sections.some((section) => contains(section.folded, word)) ? HEADING : TEXT);
    }, page.titleWords === query ? WHOLE_TITLE : 0);
  };

  // Pages on which every word stands, the best first, and the words as they were found.
  const find = (index, query) => {
    const all = [...new Set(wordsOf(fold(query)))].slice(0, MOST_WORDS);
    const telling = all.filter((word) => !FILLERS.has(word));
    const found = (telling.length > 0 ? telling : all).map((word) => lookUp(index, word));
    const words = found.map(({ word }) => word);
    const whole = wordsOf(fold(query)).join(' ');
    const hits = index.pages
      .filter((page, n) => found.length > 0 && found.every(({ pages }) => pages.has(n)))
      .map((page) => ({ page, rank: rank(page, words, whole) }));
    // Sorting keeps the order of the site where pages are as good as each other.
    return { words, pages: hits.sort((a, b) => b.rank - a.rank).map(({ page }) => page) };
  };

  // Puts a text into an element, with its matches marked.
  const write = (element, text, words) => {
    const letters = Array.from(text.normalize('NFC'));
    const folded = letters.map(foldLetter);
    const whole = folded.join('');
    const matches = words.flatMap((word) => places(whole, word));
    let at = 0, run = '', isMarkedRun = false;
    const flush = () => {
      const mark = isMarkedRun ? document.createElement('mark') : null;
      if (mark) mark.textContent = run;
      if (run !== '') element.append(mark ?? run);
      run = '';
    };
    letters.forEach((letter, n) => {
      // A letter without folded form, such as a soft hyphen, stays with the one before it.
      const isMarked = folded[n] === '' ? isMarkedRun : matches.some(([start, end]) => at < end && start < at + folded[n].length);
      if (isMarked !== isMarkedRun) flush();
      isMarkedRun = isMarked;
      run += letter;
      at += folded[n].length;
    });
    flush();
    return element;
  };

  const link = (href, text, words) => {
    const element = write(document.createElement('a'), text, words);
    element.href = href;
    return element;
  };

  const entry = (page, words) => {
    const item = document.createElement('li');
    const heading = document.createElement('h2');
    heading.append(link(page.pfad, page.titel, words));
    item.append(heading);
    if (page.text) item.append(write(document.createElement('p'), page.text, words));
    const matches = (section) => words.filter((word) => contains(section.folded, word)).length;
    const best = page.sections.reduce((best, section) => matches(section) > (best ? matches(best) : 0) ? section : best, null);
    if (best) {
      const line = document.createElement('p');
      line.className = 'small';
      line.append('Abschnitt: ', link(`${page.pfad}#${encodeURIComponent(best.id)}`, best.title, words));
      item.append(line);
    }
    return item;
  };

  const show = ({ pages, words }) => {
    list.replaceChildren(...pages.map((page) => entry(page, words)));
    nothing.hidden = pages.length > 0;
    count.textContent = { 0: 'Keine Seite gefunden', 1: '1 Seite gefunden' }[pages.length] ?? `${pages.length} Seiten gefunden`;
  };

  const title = document.title;
  let latest = 0;

  const search = async (query) => {
    const turn = ++latest;
    nothing.hidden = failure.hidden = true;
    document.title = query ? `„${query}“ – ${title}` : title;
    if (wordsOf(fold(query)).length === 0) {
      list.replaceChildren();
      count.textContent = '';
      return;
    }
    try {
      const index = await load();
      // Somebody may have gone on to another search meanwhile.
      if (turn === latest) show(find(index, query));
    } catch {
      if (turn !== latest) return;
      list.replaceChildren();
      count.textContent = '';
      failure.hidden = false;
    }
  };

  const searchAsAddressed = () => {
    field.value = new URLSearchParams(location.search).get('q') ?? '';
    search(field.value.trim());
  };

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const query = field.value.trim();
    history.pushState(null, '', query ? `?q=${encodeURIComponent(query)}` : location.pathname);
    search(query);
  });
  window.addEventListener('popstate', searchAsAddressed);

  document.getElementById('suche-ohne-skript')?.remove();
  form.hidden = false;
  searchAsAddressed();
})();
