/* test_statement.c: the text of a statement: one spelling for what it says, and a clear place for what is
 * wrong. */
#include "failing.h"
#include "kdtest.h"
#include "store/crypto.h"
#include <kadesh/book.h>
#include <string.h>

#define HEAD "kadesh.statement/1\ntreaty new-start\nnotice data\nby US\n"

static const char whole[] = HEAD "to RU\nto UN\nissued 2022-09-01T14:02:11Z\nreceived 2022-09-02\n"
                                 "source https://example.org/a b\ngrade S, day not public\ncorrects US/34\n"
                                 "as_of 2022-09-01\nitem one\nitem two\ntext \xD0\xB4\xD0\xB0  and  so\n";

static void test_whole(void) {
    kd_arena arena;
    kd_arena_open(&arena, NULL);
    kd_statement s;
    kd_error e = {0};
    kd_status status = kd_statement_parse(&arena, KD_STR(whole), &s, &e);
    if (kdtest_claim(status == KD_OK, "a statement with every envelope line is taken: %s", e.message)) {
        kdtest_claim(kd_str_is(s.treaty, "new-start") && kd_str_is(s.notice, "data") && kd_str_is(s.by, "US"),
                     "treaty, notice and by are read");
        kdtest_claim(s.to_count == 2 && kd_str_is(s.to[0], "RU") && kd_str_is(s.to[1], "UN"),
                     "several addressees");
        kdtest_claim(s.issued.at == 1662040931 && !s.issued.day_only, "issued at an instant");
        kdtest_claim(s.has_received && s.received.day_only &&
                         s.received.at == kd_day_end(kd_day_of(2022, 9, 2)),
                     "received on a day stands at its last second");
        kdtest_claim(kd_str_is(s.source, "https://example.org/a b") &&
                         kd_str_is(s.grade, "S, day not public") && kd_str_is(s.corrects, "US/34"),
                     "source, grade and corrects are read");
        kdtest_claim(s.field_count == 4 && kd_str_is(s.fields[1].name, "item") &&
                         kd_str_is(s.fields[2].value, "two") && s.fields[3].line == 15 &&
                         kd_str_is(s.fields[3].value, "\xD0\xB4\xD0\xB0  and  so"),
                     "fields are read in order, a list repeating its line, blanks within a value kept");
        kd_text t;
        kd_text_open(&t, NULL);
        kdtest_claim(kd_statement_put(&t, &s, NULL) == KD_OK && kd_str_is(kd_text_str(&t), whole),
                     "it is written back byte for byte");
        kd_text_close(&t);
    }
    kd_arena_close(&arena);
}

/* What stands after the envelope's first lines, and what is wrong with it. */
static const struct {
    const char *text, *reason;
    uint32_t line, column;
    const char *claim;
} rows[] = {
    {HEAD "issued 2022-09-01\n", "", 0, 0, "the least that a statement says"},
    {HEAD "issued 2022-09-01\nx 1\n", "", 0, 0, "one field"},
    {HEAD "to RU\nissued 2022-09-01\n", "", 0, 0, "one addressee"},
    {HEAD "issued 2022-09-01\ncorrects RU/0\n", "", 0, 0, "optional lines may be left out"},
    {HEAD "issued 2022-09-01\nx 0\nx 0\nx 0\n", "", 0, 0, "a list may repeat a value"},
    {HEAD "issued 2022-09-01\nx seal:1\n", "", 0, 0, "only `sealed:` is reserved"},
    {HEAD "issued 2022-09-01\nx \xE2\x80\x94 dash\n", "", 0, 0, "a dash is text"},
    {"", "no_final_newline", 1, 1, "nothing at all"},
    {"\n", "bad_header", 1, 1, "an empty line"},
    {"kadesh.statement/1", "no_final_newline", 1, 19, "a line that does not end"},
    {"kadesh.statement/2\n", "bad_header", 1, 1, "another version"},
    {"kadesh.statement/1 \n", "bad_header", 1, 1, "a blank after the header"},
    {"\xEF\xBB\xBFkadesh.statement/1\n", "bad_header", 1, 1, "a byte-order mark"},
    {"kadesh.statement/1\n", "envelope_missing", 2, 1, "a header alone"},
    {"kadesh.statement/1\ntreaty t\nby US\n", "envelope_missing", 3, 1, "no notice"},
    {"kadesh.statement/1\ntreaty t\nnotice data\nissued 2022-09-01\n", "envelope_missing", 4, 1, "no author"},
    {HEAD, "envelope_missing", 5, 1, "no time of issue at the end"},
    {HEAD "x 1\n", "envelope_missing", 5, 1, "no time of issue before the fields"},
    {HEAD "to RU\nsource s\n", "envelope_missing", 6, 1, "no time of issue before the source"},
    {"kadesh.statement/1\nnotice data\n", "envelope_missing", 2, 1, "no treaty"},
    {HEAD "by RU\nissued 2022-09-01\n", "envelope_repeated", 5, 1, "two authors"},
    {HEAD "issued 2022-09-01\nissued 2022-09-01\n", "envelope_repeated", 6, 1, "two times of issue"},
    {HEAD "to RU\nto RU\nissued 2022-09-01\n", "envelope_repeated", 6, 1, "one addressee twice"},
    {HEAD "issued 2022-09-01\nto RU\n", "envelope_order", 6, 1, "an addressee after the time of issue"},
    {HEAD "issued 2022-09-01\nsource s\nreceived 2022-09-02\n", "envelope_order", 7, 1,
     "received after the source"},
    {HEAD "issued 2022-09-01\nx 1\nsource s\n", "envelope_order", 7, 1, "an envelope line among the fields"},
    {HEAD "issued 2022-09-01\ncorrects US/3\ncorrects US/4\n", "envelope_repeated", 7, 1, "two corrections"},
    {HEAD "issued 2022-09-01\nx 1\ncorrects US/3\n", "envelope_order", 7, 1, "a correction among the fields"},
    {HEAD "issued 2022-09-01\n\nx 1\n", "empty_line", 6, 1, "an empty line"},
    {HEAD "issued 2022-09-01\nx\n", "bad_field_line", 6, 2, "a name alone"},
    {HEAD "issued 2022-09-01\nx \n", "empty_value", 6, 3, "an empty value"},
    {HEAD "issued 2022-09-01\nx  1\n", "bad_blank", 6, 3, "two blanks after the name"},
    {HEAD "issued 2022-09-01\nx 1 \n", "bad_blank", 6, 3, "a blank at the end"},
    {HEAD "issued 2022-09-01\nx \xC2\xA0"
          "1\n",
     "bad_blank", 6, 3, "a no-break space before the value"},
    {HEAD "issued 2022-09-01\nx 1\xE3\x80\x80\n", "bad_blank", 6, 3, "an ideographic space after the value"},
    {HEAD "issued 2022-09-01\nx\t1\n", "control_character", 6, 2, "a tab"},
    {HEAD "issued 2022-09-01\r\n", "control_character", 5, 18, "CR LF"},
    {HEAD "issued 2022-09-01\nx \xD0\xB4\xC2\x85\n", "control_character", 6, 4,
     "U+0085, columns in code points"},
    {HEAD "issued 2022-09-01\nx a\x7F\n", "control_character", 6, 4, "DEL"},
    {HEAD "issued 2022-09-01\nx a\xE2\x80\xAE"
          "b\n",
     "control_character", 6, 4, "text that runs backwards"},
    {HEAD "issued 2022-09-01\nx a\xE2\x80\xA8"
          "b\n",
     "control_character", 6, 4, "a line separator"},
    {HEAD "issued 2022-09-01\nx \xC3\x28\n", "not_utf8", 6, 3, "bytes that are not UTF-8"},
    {HEAD "issued 2022-09-01\nX 1\n", "bad_field_name", 6, 1, "a capital letter"},
    {HEAD "issued 2022-09-01\n1x 1\n", "bad_field_name", 6, 1, "a digit first"},
    {HEAD "issued 2022-09-01\n_x 1\n", "bad_field_name", 6, 1, "an underscore first"},
    {HEAD "issued 2022-09-01\nas-of 1\n", "bad_field_name", 6, 3, "a hyphen in a name"},
    {HEAD "issued 2022-09-01\n x 1\n", "bad_field_name", 6, 1, "a blank before the name"},
    {HEAD "issued 2022-09-01\nattach sha256:00\n", "reserved", 6, 1, "an attachment"},
    {HEAD "issued 2022-09-01\nx sealed:00\n", "reserved", 6, 3, "a sealed value"},
    {HEAD "issued 2022-02-30\n", "bad_stamp", 5, 8, "a day that does not exist"},
    {HEAD "issued 2022-09-01T24:00:00Z\n", "bad_stamp", 5, 8, "an hour that does not exist"},
    {HEAD "issued 2022-09-01T14:02Z\n", "bad_stamp", 5, 8, "an instant without seconds"},
    {HEAD "issued yesterday\n", "bad_stamp", 5, 8, "a word for a day"},
    {HEAD "issued 2022-09-01\nreceived 2022-9-1\n", "bad_stamp", 6, 10, "a day of receipt without its zeros"},
    {HEAD "issued 2022-09-01\ncorrects US\n", "bad_value", 6, 10, "a correction of no entry"},
    {HEAD "issued 2022-09-01\ncorrects US/034\n", "bad_value", 6, 10,
     "an entry number with a zero before it"},
    {HEAD "issued 2022-09-01\ncorrects /34\n", "bad_value", 6, 10, "an entry of no book"},
    {HEAD "to RU and UN\nissued 2022-09-01\n", "bad_value", 5, 4, "an addressee of several words"},
    {"kadesh.statement/1\ntreaty new start\n", "bad_value", 2, 8, "a treaty of two words"},
};

static void test_rows(void) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        kd_arena arena;
        kd_arena_open(&arena, NULL);
        kd_statement s;
        kd_error e = {0};
        kd_status status = kd_statement_parse(&arena, kd_str_of(rows[i].text), &s, &e);
        if (rows[i].reason[0])
            kdtest_claim(status == KD_INVALID && strcmp(e.reason, rows[i].reason) == 0 &&
                             e.line == rows[i].line && e.column == rows[i].column && e.message[0],
                         "%s is refused as %s at %u:%u, met %s at %u:%u", rows[i].claim, rows[i].reason,
                         rows[i].line, rows[i].column, status ? e.reason : "nothing", e.line, e.column);
        else
            kdtest_claim(status == KD_OK, "%s: %s", rows[i].claim, e.message);
        kd_arena_close(&arena);
    }
    kd_str zero = {"kadesh.statement/1\ntreaty a\0b\n", 30};
    kd_error e = {0};
    kd_arena arena;
    kd_statement s;
    kd_arena_open(&arena, NULL);
    kdtest_claim(kd_statement_parse(&arena, zero, &s, &e) == KD_INVALID &&
                     strcmp(e.reason, "control_character") == 0,
                 "a zero byte is refused and ends nothing");
    kd_arena_close(&arena);
}

static kd_statement small_statement(void) {
    return (kd_statement){
        .treaty = KD_STR("t"), .notice = KD_STR("data"), .by = KD_STR("US"), .issued = {0, false}};
}

static void test_put(void) {
    kd_statement_field bad[] = {
        {KD_STR("x"), KD_STR("1\nby RU"), 0}, {KD_STR("x\ny"), KD_STR("1"), 0},
        {KD_STR(""), KD_STR("1"), 0},         {KD_STR("x"), KD_STR(""), 0},
        {KD_STR("source"), KD_STR("s"), 0},   {KD_STR("received"), KD_STR("2022-09-01"), 0},
        {KD_STR("X"), KD_STR("1"), 0},        {KD_STR("x"), KD_STR(" 1"), 0},
        {KD_STR("x"), KD_STR("sealed:1"), 0}, {KD_STR("attach"), KD_STR("1"), 0},
        {KD_STR("x"), KD_STR("\xFF"), 0},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        kd_statement s = small_statement();
        kd_text t;
        kd_text_open(&t, NULL);
        kd_text_puts(&t, "before");
        s.fields = &bad[i];
        s.field_count = 1;
        kdtest_claim(kd_statement_put(&t, &s, NULL) == KD_INVALID && kd_str_is(kd_text_str(&t), "before"),
                     "field `%.*s` of value `%.*s` is not written", KD_STR_ARGS(bad[i].name),
                     KD_STR_ARGS(bad[i].value));
        kd_text_close(&t);
    }
    kd_statement s = small_statement();
    kd_text t;
    kd_text_open(&t, NULL);
    s.treaty = KD_STR("t\nnotice other");
    s.notice = (kd_str){"", 0};
    kdtest_claim(kd_statement_put(&t, &s, NULL) == KD_INVALID && t.n == 0,
                 "no value brings in a line of its own");
    s = small_statement();
    s.by = (kd_str){"", 0};
    kdtest_claim(kd_statement_put(&t, &s, NULL) == KD_INVALID && t.n == 0, "nor is a statement by nobody");
    kd_text_close(&t);
}

static void test_stamps(void) {
    kd_stamp noon, last, day, next;
    kd_stamp_parse(KD_STR("2022-09-01T12:00:00Z"), &noon);
    kd_stamp_parse(KD_STR("2022-09-01T23:59:59Z"), &last);
    kd_stamp_parse(KD_STR("2022-09-01"), &day);
    kd_stamp_parse(KD_STR("2022-09-02T00:00:00Z"), &next);
    kdtest_claim(kd_stamp_order(noon, day) < 0 && kd_stamp_order(last, day) < 0 &&
                     kd_stamp_order(day, next) < 0 && kd_stamp_order(day, last) > 0 &&
                     kd_stamp_order(day, day) == 0,
                 "a day sorts after every instant of it and before the next day");
    kd_text t;
    kd_text_open(&t, NULL);
    kd_stamp_put(&t, day);
    kd_text_putc(&t, ' ');
    kd_stamp_put(&t, noon);
    kdtest_claim(kd_str_is(kd_text_str(&t), "2022-09-01 2022-09-01T12:00:00Z"), "no hour is invented");
    kd_text_close(&t);
}

static void test_entries(const kd_crypto *crypto) {
    kd_signer signer, cosigner;
    kd_text entry, big;
    kd_error e = {0};
    const unsigned char seed[32] = {7};
    kd_signer_make(crypto, KD_STR("us.example/nrrc"), KD_KEY_SIGNS, seed, &signer, NULL);
    kd_signer_make(crypto, KD_STR("us.example/w"), KD_KEY_COSIGNS, seed, &cosigner, NULL);
    kd_text_open(&entry, NULL);
    kd_text_open(&big, NULL);
    kd_str text = KD_STR(HEAD "issued 2022-09-01\n");
    kd_arena arena;
    kd_arena_open(&arena, NULL);
    kd_note note;
    kd_signatures found;
    kdtest_claim(kd_entry_make(&entry, crypto, &signer, text, NULL) == KD_OK &&
                     kd_note_parse(&arena, kd_text_str(&entry), &note, NULL) == KD_OK &&
                     kd_str_equal(note.text, text) &&
                     kd_note_verify(&arena, crypto, &note, &signer.public_key, 1, &found, NULL) == KD_OK,
                 "an entry is a signed note that opens with its signer's key");
    entry.p[5] ^= 1;
    kdtest_claim(kd_note_parse(&arena, kd_text_str(&entry), &note, NULL) == KD_OK &&
                     kd_note_verify(&arena, crypto, &note, &signer.public_key, 1, &found, NULL) == KD_FAILED,
                 "and with a letter changed it does not");
    kdtest_claim(kd_entry_make(&entry, crypto, &cosigner, text, NULL) == KD_USAGE,
                 "a cosigner signs no statement");
    kdtest_claim(kd_note_sign(&entry, crypto, &signer, KD_STR("cosignature/v1\ntime 1\n"), NULL) == KD_USAGE,
                 "nothing is signed that could pass as a cosignature");
    kdtest_claim(kd_cosign(&entry, crypto, &signer,
                           KD_STR("o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"), 5,
                           NULL) == KD_USAGE,
                 "a signer of statements cosigns no head");
    kdtest_claim(kd_cosign(&entry, crypto, &cosigner, text, 5, NULL) == KD_USAGE,
                 "a cosigner signs only heads");
    /* The signature line takes 4 + 15 + 1 + 92 + 1 bytes, the empty line 1. */
    kd_text_repeat(&big, 'x', 65535 - 114 - 1);
    kd_text_putc(&big, '\n');
    kd_text_clear(&entry);
    kdtest_claim(kd_entry_make(&entry, crypto, &signer, kd_text_str(&big), &e) == KD_OK && entry.n == 65535,
                 "an entry of 65535 bytes fits: %zu", entry.n);
    kd_text_clear(&big);
    kd_text_repeat(&big, 'x', 65535 - 114);
    kd_text_putc(&big, '\n');
    kd_text_clear(&entry);
    kdtest_claim(kd_entry_make(&entry, crypto, &signer, kd_text_str(&big), &e) == KD_INVALID &&
                     strcmp(e.reason, "too_long") == 0 && entry.n == 0,
                 "one more byte does not");
    kd_text_clear(&big);
    kd_text_repeat(&big, 'x', 70000);
    kd_statement s;
    kdtest_claim(kd_statement_parse(&arena, kd_text_str(&big), &s, &e) == KD_INVALID &&
                     strcmp(e.reason, "too_long") == 0,
                 "nor is a longer text taken");
    kd_arena_close(&arena);
    kd_text_close(&entry);
    kd_text_close(&big);
}

static void test_ids(void) {
    kd_str book;
    int64_t index;
    kdtest_claim(kd_entry_id_parse(KD_STR("RU/34"), &book, &index) && kd_str_is(book, "RU") && index == 34,
                 "RU/34 is entry 34 of RU's book");
    static const char *bad[] = {"", "RU", "RU/", "/3", "RU/-1", "RU/03", "RU/3/4", "RU/9223372036854775808"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        kdtest_claim(!kd_entry_id_parse(kd_str_of(bad[i]), &book, &index), "`%s` names no entry", bad[i]);
}

static void test_no_memory(void) {
    long calls = -1;
    for (long fail_at = 0; fail_at < 50 && calls < 0; fail_at++) {
        failing f = {.fail_at = fail_at};
        const kd_allocator from = {failing_resize, &f};
        kd_arena arena;
        kd_text t;
        kd_statement s;
        kd_arena_open(&arena, &from);
        kd_text_open(&t, &from);
        kd_status status = kd_statement_parse(&arena, KD_STR(whole), &s, NULL);
        if (status == KD_OK) status = kd_statement_put(&t, &s, NULL);
        if (status == KD_OK) calls = fail_at;
        kdtest_claim(status == KD_OK || status == KD_NOMEM, "running out at call %ld is told as such",
                     fail_at);
        kd_text_close(&t);
        kd_arena_close(&arena);
        kdtest_claim(f.bytes == 0, "all is given back when call %ld fails", fail_at);
    }
    kdtest_claim(calls > 1, "each of the %ld calls for memory may fail", calls);
}

int main(void) {
    kd_crypto crypto;
    if (kd_crypto_sodium(&crypto, NULL)) return 1;
    test_whole();
    test_rows();
    test_put();
    test_stamps();
    test_entries(&crypto);
    test_ids();
    test_no_memory();
    return kdtest_end("test_statement");
}
