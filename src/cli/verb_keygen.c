/* verb_keygen.c: makes a Party's three keys. */
#include "cli/cli.h"
#include "cli/passphrase.h"
#include "store/crypto.h"
#include <kadesh/store.h>
#include <stdio.h>
#include <string.h>

enum { PASSPHRASE_BYTES = 1024 };

static void wipe(void *p, size_t n) {
    volatile unsigned char *bytes = p;
    while (n--) *bytes++ = 0;
}

static kd_status ask_twice(kd_call *call, char *out) {
    char again[PASSPHRASE_BYTES];
    if (!kd_passphrase_read("Passphrase for the new keys: ", out, PASSPHRASE_BYTES))
        return kd_fail(
            &call->error, KD_USAGE, "no_passphrase",
            "no passphrase was given; --plain makes a key file that anyone who reads it can sign with");
    bool same = kd_passphrase_read("The same again: ", again, sizeof again) && strcmp(out, again) == 0;
    wipe(again, sizeof again);
    if (same) return KD_OK;
    return kd_fail(&call->error, KD_USAGE, "passphrases_differ",
                   "the two passphrases differ; no keys were made");
}

static kd_status write_pair(kd_call *call, const kd_keyring *keys, const char *passphrase) {
    char folder[KD_PATH_MAX_BYTES], name[128], secret[KD_PATH_MAX_BYTES], public[KD_PATH_MAX_BYTES];
    kd_text text, shown;
    kd_error *e = &call->error;
    kd_text_open(&text, call->from);
    kd_text_open(&shown, call->from);
    kd_text_repeat(&text, ' ',
                   16384); /* roomy from the start: growing would leave copies of secrets behind */
    kd_text_clear(&text);
    kd_status s = kd_path_join(folder, call->folder, "keys", e);
    snprintf(name, sizeof name, "%s.key", keys->party);
    if (!s) s = kd_path_join(secret, folder, name, e);
    snprintf(name, sizeof name, "%s.pub", keys->party);
    if (!s) s = kd_path_join(public, folder, name, e);
    if (!s) s = kd_keyring_put(keys, passphrase, &text, e);
    kd_keyring_put_public(keys, &shown);
    if (!s && shown.failed) s = kd_fail_nomem(e);
    if (!s) s = kd_write_file(&kd_os_real, secret, kd_text_str(&text), 0600, true, e);
    if (!s) s = kd_write_file(&kd_os_real, public, kd_text_str(&shown), 0644, true, e);
    if (!s) {
        kd_text_printf(&call->out, "%s  secret: mode 0600%s\n%s  public: give it to the other Parties\n",
                       secret,
                       keys->demonstration ? ", of a demonstration: anybody can make the same"
                       : passphrase        ? ", sealed with the passphrase"
                                           : ", not sealed",
                       public);
        kd_text_put(&call->out, kd_text_str(&shown));
    }
    if (text.p) wipe(text.p, text.room);
    kd_text_close(&text);
    kd_text_close(&shown);
    return s;
}

static kd_status run(kd_call *call) {
    kd_crypto crypto;
    kd_keyring keys;
    char passphrase[PASSPHRASE_BYTES];
    const char *party = kd_call_value(call, "as"), *name = kd_call_value(call, "name");
    const char *phrase = kd_call_value(call, "demonstration");
    if (!party || !name)
        return kd_fail(&call->error, KD_USAGE, "missing_option",
                       "keygen wants --as PARTY and --name NAME, such as "
                       "--as US --name us.example");
    bool sealed = !kd_call_has(call, "plain") && !phrase;
    kd_status s = kd_crypto_sodium(&crypto, &call->error);
    if (!s) s = kd_keyring_make(&crypto, kd_str_of(party), kd_str_of(name), phrase, &keys, &call->error);
    if (s) return s == KD_INVALID ? KD_USAGE : s;
    if (sealed) s = ask_twice(call, passphrase);
    if (!s) s = write_pair(call, &keys, sealed ? passphrase : NULL);
    wipe(passphrase, sizeof passphrase);
    kd_keyring_wipe(&keys);
    return s;
}

static const kd_option options[] = {
    {"as", "PARTY", "the Party that they are of, as the treaty names it", false},
    {"name", "NAME", "what the keys are named after: a domain that is yours", false},
    {"plain", NULL, "do not seal the secret file with a passphrase", false},
    {"demonstration", "PHRASE", "derive the keys from a published phrase: for examples only", false},
    KD_OPTION_END,
};

const kd_verb kd_verb_keygen = {
    .name = "keygen",
    .summary = "make a Party's three keys: for statements, for heads, for cosignatures",
    .arguments = "--as PARTY --name NAME",
    .help =
        "Writes keys/PARTY.key (secret, mode 0600) and keys/PARTY.pub (to be given to everybody) below\n"
        "the record's folder; neither may be there already. The three keys are named NAME/nrrc,\n"
        "NAME/book and NAME/cosigner and are never used for one another's purpose. The secret file is\n"
        "sealed with a passphrase (Argon2id) that is asked for twice, from the terminal or from stdin.\n"
        "\n"
        "Demonstration keys follow from their phrase alone, so that anybody makes the same files; they\n"
        "say so in the files and prove nothing.\n"
        "\n"
        "Examples:\n"
        "  kadesh keygen --as US --name us.example\n"
        "  kadesh -C demo keygen --as RU --name ru.example --demonstration 'published demonstration keys'\n",
    .options = options,
    .least = 0,
    .most = 0,
    .run = run,
};
