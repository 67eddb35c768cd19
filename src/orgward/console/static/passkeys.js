/* Passkeys: asks the browser for what a form's data-options describe, puts the answer into the form, and sends it.
   A form:  <form data-passkey="get|create" data-options='…'> with hidden fields state and credential, and a button. */
(() => {
  'use strict';
  if (!window.PublicKeyCredential || !PublicKeyCredential.parseRequestOptionsFromJSON) return;

  const ask = async (form, mediation, signal) => {
    const options = JSON.parse(form.dataset.options);
    const given = form.dataset.passkey === 'create'
      ? { publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }
      : { publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) };
    if (mediation) Object.assign(given, { mediation, signal });
    return form.dataset.passkey === 'create' ? navigator.credentials.create(given) : navigator.credentials.get(given);
  };

  const send = (form, credential) => {
    if (!credential) return;
    form.elements.credential.value = JSON.stringify(credential.toJSON());
    form.submit();
  };

  const fault = (form) => {
    const place = form.querySelector('[data-passkey-fault]');
    if (place) place.hidden = false;
  };

  for (const form of document.querySelectorAll('form[data-passkey]')) {
    form.hidden = false;
    let waiting = null;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      if (waiting) waiting.abort();
      try {
        send(form, await ask(form));
      } catch (error) {
        if (error.name !== 'AbortError') fault(form);
      }
    });
    if ('passkeyAutofill' in form.dataset && PublicKeyCredential.isConditionalMediationAvailable) {
      PublicKeyCredential.isConditionalMediationAvailable().then((is) => {
        if (!is) return;
        waiting = new AbortController();
        ask(form, 'conditional', waiting.signal).then((found) => send(form, found), () => {});
      });
    }
  }
})();
