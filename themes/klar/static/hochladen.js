// Makes uploading easier: says beforehand what will not be taken, shows how far the transfer is, takes a dragged file, and says when
// the login is about to end. Without this script the form is sent as any other.
(() => {
  'use strict';

  const WARN_SECONDS = 5 * 60;
  const MEGABYTE = 1 << 20;

  const element = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  const size = (bytes) =>
    bytes >= MEGABYTE
      ? `${(bytes / MEGABYTE).toLocaleString('de-DE', { maximumFractionDigits: 1 })} MB`
      : `${Math.max(1, Math.ceil(bytes / 1024))} KB`;

  // What is wrong with a choice, as far as it shows without reading the file; the same words as in the answer.
  const complaint = (input) => {
    const largest = Number(input.dataset.hoechstens);
    const [file] = input.files;
    if (!file) return 'Wählen Sie die ausgefüllte Excel-Datei aus.';
    if (file.size === 0) return 'Die Datei ist leer. Wählen Sie die ausgefüllte Excel-Datei aus.';
    if (largest && file.size > largest) {
      return `Die Datei darf höchstens ${size(largest)} groß sein. Ihre Datei hat ${size(file.size)}.`;
    }
    return '';
  };

  const upload = (form) => {
    const input = form.querySelector('input[type=file]');
    const button = form.querySelector('button[type=submit]');
    const field = input.closest('.form-field');
    const error = element('p', { className: 'field-error', id: `${input.id}-fehler`, hidden: true });
    const bar = element('progress', { max: 100 });
    const told = element('p', { className: 'upload-told' });
    const state = element('div', { className: 'upload-state', hidden: true }, told, bar);
    told.setAttribute('role', 'status');
    bar.setAttribute('aria-label', 'Fortschritt der Übertragung');
    field.querySelector('.hint').append('. Sie können die Datei auch hierher ziehen.');
    input.before(error);
    form.append(state);
    const described = input.getAttribute('aria-describedby');

    const complain = (text) => {
      error.textContent = text;
      error.hidden = !text;
      field.classList.toggle('has-error', Boolean(text));
      input.toggleAttribute('aria-invalid', Boolean(text));
      input.setAttribute('aria-describedby', text ? `${error.id} ${described}` : described);
      if (text) input.focus();
    };

    const busy = (is) => {
      button.disabled = is;
      state.hidden = !is;
    };

    const send = () => {
      const request = new XMLHttpRequest();
      let percent = -1;
      const failed = () => {
        busy(false);
        // A browser sends no file that was saved anew since it was chosen, however often it is asked to.
        input.value = '';
        complain('Die Datei kam nicht an. Vielleicht wurde sie nach dem Auswählen geändert. Wählen Sie sie noch einmal aus.');
      };
      request.upload.addEventListener('progress', (event) => {
        if (!event.lengthComputable) return;
        const now = Math.floor((event.loaded / event.total) * 100);
        bar.value = now;
        // A screen reader should not read every step.
        if (percent >= 0 && now - percent < 25) return;
        percent = now;
        told.textContent = `Die Datei wird übertragen: ${now} Prozent.`;
      });
      request.upload.addEventListener('load', () => {
        bar.removeAttribute('value');
        told.textContent = 'Die Datei wird geprüft. Das dauert wenige Sekunden.';
      });
      request.addEventListener('error', failed);
      request.addEventListener('abort', failed);
      request.addEventListener('load', () => {
        if (new URL(request.responseURL).pathname !== new URL(form.action).pathname) {
          window.location.assign(request.responseURL);
        } else {
          show(request.responseText);
        }
      });
      request.open('POST', form.action);
      request.send(new FormData(form));
      told.textContent = 'Die Datei wird übertragen.';
      busy(true);
    };

    input.addEventListener('change', () => complain(input.files.length ? complaint(input) : ''));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const text = complaint(input);
      complain(text);
      if (!text) send();
    });

    ['dragenter', 'dragover'].forEach((kind) =>
      field.addEventListener(kind, (event) => {
        event.preventDefault();
        field.classList.add('is-over');
      }),
    );
    ['dragleave', 'drop'].forEach((kind) => field.addEventListener(kind, () => field.classList.remove('is-over')));
    field.addEventListener('drop', (event) => {
      event.preventDefault();
      const { files } = event.dataTransfer;
      if (files.length > 1) {
        complain('Ziehen Sie nur eine Datei hierher.');
      } else if (files.length === 1) {
        input.files = files;
        complain(complaint(input));
      }
    });
  };

  // The answer takes the page's place, as if the form had been sent without this script.
  const show = (html) => {
    const answer = new DOMParser().parseFromString(html, 'text/html');
    window.history.pushState(null, '');
    document.title = answer.title;
    document.querySelector('main').replaceWith(answer.querySelector('main'));
    window.scrollTo(0, 0);
    start();
    document.querySelector('main [autofocus]')?.focus();
  };

  // When the login ends, as a page says it.
  const endSaid = (page) => {
    const place = page.querySelector('.session[data-sekunden]');
    return place && { seconds: place.dataset.sekunden, text: place.querySelector('.session-end').textContent };
  };
  const sayEnd = ({ seconds, text }) => {
    const place = document.querySelector('.session[data-sekunden]');
    if (!place) return;
    place.dataset.sekunden = seconds;
    place.querySelector('.session-end').textContent = text;
    announceEnd();
  };

  // A login is one for all tabs: what is asked for in one prolongs it in the others too.
  const tabs = new BroadcastChannel('anmeldung');
  const tellOtherTabs = () => {
    const end = endSaid(document);
    if (end) tabs.postMessage(end);
  };
  tabs.addEventListener('message', ({ data }) => sayEnd(data));

  // Whoever fills in a form for half an hour sends no request meanwhile.
  let ending = 0;
  const announceEnd = () => {
    clearTimeout(ending);
    const place = document.querySelector('.session[data-sekunden]');
    if (!place) return;
    place.querySelector('.session-note')?.remove();
    const seconds = Number(place.dataset.sekunden);
    const ends = Date.now() + seconds * 1000;
    const note = element('p', { className: 'session-note' });
    note.setAttribute('role', 'status');
    place.append(note);

    const over = () => {
      note.replaceChildren('Ihre Anmeldung ist beendet. ', element('a', { href: '/berichtstool/' }, 'Neu anmelden'));
    };
    const stay = async () => {
      const answer = await fetch('/meldung/').catch(() => null);
      // Without a session it leads to the login form.
      if (!answer?.ok || new URL(answer.url).pathname !== '/meldung/') return over();
      // Towards the end of eight hours there is less left than half an hour.
      const end = endSaid(new DOMParser().parseFromString(await answer.text(), 'text/html'));
      if (end) sayEnd(end);
      return tellOtherTabs();
    };
    const warn = () => {
      const button = element('button', { type: 'button', className: 'button button-quiet' }, 'Angemeldet bleiben');
      button.addEventListener('click', stay);
      const minutes = Math.max(1, Math.round((ends - Date.now()) / 60000));
      note.replaceChildren(`Ihre Anmeldung endet in ${minutes} ${minutes === 1 ? 'Minute' : 'Minuten'}. `, button);
      ending = setTimeout(over, ends - Date.now());
    };
    ending = setTimeout(warn, Math.max(0, seconds - WARN_SECONDS) * 1000);
  };

  const start = () => {
    document.querySelectorAll('form[enctype="multipart/form-data"]').forEach(upload);
    announceEnd();
    tellOtherTabs();
  };

  // Back from an answer is back to the page that the form stood on.
  window.addEventListener('popstate', () => window.location.reload());
  // A file that misses the field must not replace the page.
  ['dragover', 'drop'].forEach((kind) => window.addEventListener(kind, (event) => event.preventDefault()));
  start();
})();
