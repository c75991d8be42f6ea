// Passkeys. A form with data-passkey="create", "get" or "sign-in" fills its hidden field "credential" and sends itself.
// The options of the server stand in <script type="application/json" id="passkey-options">, or are fetched from the
// form's address for "sign-in", so that no script is written into the page.
(() => {
  "use strict";

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");
  const withIds = (list) => (list || []).map((item) => ({ ...item, id: bytes(item.id) }));

  const toJSON = (credential) => {
    const { response } = credential;
    const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
    const answer = {};
    for (const name of parts) if (response[name]) answer[name] = text(response[name]);
    if (response.getTransports) answer.transports = response.getTransports();
    return {
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response: answer,
      authenticatorAttachment: credential.authenticatorAttachment,
      clientExtensionResults: credential.getClientExtensionResults(),
    };
  };

  const create = (options, passwordless) => {
    const key = options.publicKey;
    const selection = { ...key.authenticatorSelection };
    selection.residentKey = passwordless ? "required" : "discouraged";
    selection.requireResidentKey = passwordless;
    if (passwordless) selection.userVerification = "required";
    return navigator.credentials.create({
      publicKey: {
        ...key,
        challenge: bytes(key.challenge),
        user: { ...key.user, id: bytes(key.user.id) },
        excludeCredentials: withIds(key.excludeCredentials),
        authenticatorSelection: selection,
      },
    });
  };

  const get = (options) => {
    const key = options.publicKey;
    return navigator.credentials.get({
      publicKey: { ...key, challenge: bytes(key.challenge), allowCredentials: withIds(key.allowCredentials) },
    });
  };

  const given = () => JSON.parse(document.getElementById("passkey-options").textContent);
  const fetched = async (form) => {
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error("No passkey options.");
    return (await answer.json()).request_options;
  };
  const kinds = {
    create: (form) => create(given().creation_options, form.elements.passwordless?.checked ?? false),
    get: () => get(given().request_options),
    "sign-in": async (form) => get(await fetched(form)),
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const status = form.querySelector("[data-passkey-status]");
    if (!window.PublicKeyCredential) {
      status.textContent = status.dataset.missing;
      for (const button of form.querySelectorAll("button")) button.hidden = true;
      continue;
    }
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopPropagation();
      status.textContent = "";
      try {
        form.elements.credential.value = JSON.stringify(toJSON(await kinds[form.dataset.passkey](form)));
        form.submit();
      } catch {
        status.textContent = status.dataset.failed;
      }
    });
  }
})();
