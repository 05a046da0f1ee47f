// Contents of other providers are loaded only after somebody has agreed to it. Without this script the card stays a link.
(() => {
  'use strict';

  const load = (card) => {
    const frame = document.createElement('iframe');
    frame.title = card.dataset.titel;
    frame.loading = 'lazy';
    // Players of videos refuse to play without any sender; they learn the site, but not the page.
    frame.referrerPolicy = 'strict-origin';
    frame.allow = 'fullscreen';
    frame.className = 'zweiklick-rahmen';
    frame.src = card.dataset.adresse;
    card.replaceWith(frame);
    // The button that had the focus is gone.
    frame.focus();
  };

  document.querySelectorAll('.zweiklick').forEach((card) => {
    const question = card.querySelector('.zweiklick-frage');
    // A page with two cards runs this script twice.
    if (!question || !question.hidden) return;
    question.querySelector('button').addEventListener('click', () => load(card));
    question.hidden = false;
  });
})();
