/* open.c: the entries of all books become a record: each bound, all in one order, corrections tied to what
 * they correct. */
#include "record/inside.h"
#include <stdio.h>
#include <string.h>

/* The statement's text in a signed note: all before the empty line. */
static bool note_text(kd_str note, kd_str *text) {
    for (size_t i = 0; i + 1 < note.n; i++) {
        if (note.p[i] != '\n' || note.p[i + 1] != '\n') continue;
        *text = (kd_str){note.p, i + 1};
        return true;
    }
    return false;
}

/* Names the entry in an error whose line and column are those of its text. */
static void place_entry(const kd_treaty *t, const kd_said *said, kd_error *e) {
    if (!e) return;
    kd_str party = t->parties[said->party].name;
    snprintf(e->file, sizeof e->file, "%.*s/%llu", party.n > 200 ? 200 : (int)party.n, party.p,
             (unsigned long long)said->index);
}

/* Takes the statement out of its note. What the parser leaves behind goes with `scratch`; views into the
 * note stay. */
static kd_status parse(kd_arena *arena, kd_said *said, const kd_allocator *from, kd_error *e) {
    if (!note_text(said->note, &said->text))
        return kd_fail(e, KD_INVALID, "no_separator", "an entry is a text, an empty line and signatures");
    kd_arena scratch;
    kd_arena_open(&scratch, from);
    kd_status s = kd_statement_parse(&scratch, said->text, &said->told, e);
    kd_statement *told = &said->told;
    if (!s) {
        kd_str *to = kd_arena_array(arena, told->to_count, sizeof *to);
        kd_statement_field *fields = kd_arena_array(arena, told->field_count, sizeof *fields);
        if (to && fields) {
            if (told->to_count) memcpy(to, told->to, told->to_count * sizeof *to);
            if (told->field_count) memcpy(fields, told->fields, told->field_count * sizeof *fields);
            told->to = to;
            told->fields = fields;
        } else {
            s = kd_fail_nomem(e);
        }
    }
    kd_arena_close(&scratch);
    return s;
}

/* Tables of the books' sizes and numbers. Each book must be whole. */
static kd_status open_books(kd_record *r, kd_arena *arena, const kd_said *said, size_t count, kd_error *e) {
    const kd_treaty *t = r->treaty;
    r->book_sizes = kd_arena_array(arena, t->party_count, sizeof *r->book_sizes);
    r->numbers = kd_arena_array(arena, t->party_count, sizeof *r->numbers);
    if (!r->book_sizes || !r->numbers) return kd_fail_nomem(e);
    for (size_t i = 0; i < count; i++) r->book_sizes[said[i].party]++;
    for (size_t p = 0; p < t->party_count; p++) {
        r->numbers[p] = kd_arena_array(arena, r->book_sizes[p], sizeof **r->numbers);
        if (!r->numbers[p]) return kd_fail_nomem(e);
        memset(r->numbers[p], 0xff, r->book_sizes[p] * sizeof **r->numbers);
    }
    for (size_t i = 0; i < count; i++) {
        const kd_said *s = &said[i];
        if (s->index < r->book_sizes[s->party] && r->numbers[s->party][s->index] == REC_NONE) {
            r->numbers[s->party][s->index] = 0;
            continue;
        }
        place_entry(t, s, e);
        return kd_fail(e, KD_INVALID, "book_not_whole",
                       "entries of this book are missing, or one is there twice");
    }
    return KD_OK;
}

/* Puts said[] into the order of `m` in place: the i-th is the one that stood at m[i].statement. */
static void permute(kd_said *said, rec_moment *m, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (m[i].statement == i) continue;
        kd_said first = said[i];
        size_t k = i;
        while (m[k].statement != i) {
            size_t source = m[k].statement;
            said[k] = said[source];
            m[k].statement = (uint32_t)k;
            k = source;
        }
        said[k] = first;
        m[k].statement = (uint32_t)k;
    }
}

static kd_status order(kd_record *r, kd_said *said, kd_value **rows, size_t count, const kd_allocator *from,
                       kd_error *e) {
    size_t room = 0;
    rec_moment *m = NULL;
    if (!rec_grow(from, (void **)&m, &room, count, sizeof *m)) return kd_fail_nomem(e);
    for (size_t i = 0; i < count; i++)
        m[i] = (rec_moment){said[i].received.at, (uint32_t)i, REC_RECEIPT, said[i].received.day_only};
    kd_status s = rec_moments_sort(said, m, count, from) ? KD_OK : kd_fail_nomem(e);
    if (!s) {
        for (size_t i = 0; i < count; i++) rows[m[i].statement][1] = (kd_value)i;
        permute(said, m, count);
        for (size_t i = 0; i < count; i++) r->numbers[said[i].party][said[i].index] = (uint32_t)i;
    }
    rec_free(from, m, room, sizeof *m);
    return s;
}

static kd_status correct(kd_record *r, uint32_t number, kd_error *e) {
    kd_said *said = &r->statements[number];
    kd_str book, met = said->told.corrects;
    int64_t index;
    const char *wrong = NULL;
    int64_t target = kd_record_find(r, met);
    if (!kd_entry_id_parse(met, &book, &index) || kd_treaty_party(r->treaty, book) != (int)said->party)
        wrong = "a Party corrects entries of its own book";
    else if (target < 0 || (uint64_t)index >= said->index)
        wrong = "there is no such entry before this one";
    else if (r->statements[target].notice != said->notice)
        wrong = "a correction is of the same notice as what it corrects";
    if (wrong) {
        place_entry(r->treaty, said, e);
        kd_error_place(e, NULL, rec_envelope_lines(&said->told), 10);
        return kd_fail(e, KD_INVALID, "bad_correction", "cannot correct `%.*s`: %s", KD_STR_ARGS(met), wrong);
    }
    said->corrects = (uint32_t)target;
    if (said->delivery != KD_NOT_DELIVERED) r->statements[target].corrected_by = number;
    return KD_OK;
}

kd_status rec_settle(kd_record *r, kd_arena *arena, kd_said *said, kd_value **rows, size_t count,
                     kd_error *e) {
    kd_status s = open_books(r, arena, said, count, e);
    if (!s && rec_deliver(r->treaty, said, count, arena->from)) s = kd_fail_nomem(e);
    if (!s) s = order(r, said, rows, count, arena->from, e);
    if (s) return s;
    r->statements = said;
    r->statement_count = count;
    for (size_t i = 0; i < count; i++) said[i].corrected_by = said[i].corrects = REC_NONE;
    for (size_t i = 0; i < count && !s; i++)
        if (said[i].told.corrects.n) s = correct(r, (uint32_t)i, e);
    return s;
}

/* Parses and binds every entry into said[] and rows[]. */
static kd_status bind_all(kd_record *r, const kd_record_entry *entries, size_t count, kd_arena *arena,
                          kd_said *said, kd_value **rows, kd_error *e) {
    for (size_t i = 0; i < count; i++) {
        if (entries[i].party >= r->treaty->party_count)
            return kd_fail(e, KD_USAGE, "no_such_party",
                           "the treaty has %zu Parties, an entry is of number %u", r->treaty->party_count,
                           (unsigned)entries[i].party);
        said[i].party = entries[i].party;
        said[i].index = entries[i].index;
        said[i].note = entries[i].note;
        kd_status s = parse(arena, &said[i], arena->from, e);
        if (!s) s = rec_bind(r->treaty, r->symbols, arena, &said[i], &rows[i], e);
        if (s == KD_INVALID) place_entry(r->treaty, &said[i], e);
        if (s) return s;
    }
    return KD_OK;
}

kd_status kd_record_open(const struct kd_treaty *t, kd_symbols *symbols, const kd_record_entry *entries,
                         size_t count, kd_arena *arena, kd_record **out, kd_error *e) {
    if (count >= REC_SILENCE)
        return kd_fail(e, KD_INVALID, "too_long", "a record has fewer than 2^32 statements");
    kd_record *r = kd_arena_take(arena, sizeof *r);
    kd_said *said = kd_arena_array(arena, count, sizeof *said);
    size_t room = 0;
    kd_value **rows = NULL;
    if (!r || !said || !rec_grow(arena->from, (void **)&rows, &room, count, sizeof *rows))
        return kd_fail_nomem(e);
    r->treaty = t;
    r->symbols = symbols;
    kd_status s = bind_all(r, entries, count, arena, said, rows, e);
    if (!s) s = rec_settle(r, arena, said, rows, count, e);
    rec_free(arena->from, rows, room, sizeof *rows);
    if (!s) *out = r;
    return s;
}
