/* generate.c: makes from a seed a record of the treaty's real size, or of ten or a hundred times that.
 *
 *      generate --seed N --statements N --folder DIR [--years N] [--from DIR]
 *
 * The real size is 25,000 statements by two Parties in 12 years about 1,500 items, among them 330
 * inspections, each with its request, reply, flight plan, arrival, site, restrictions, way, briefing,
 * begin, end and report; six-monthly data, sessions, telemetry, and for the rest changes, exits, transits,
 * conversions, launches. One deadline in two hundred is missed. The treaty is that of --from
 * (treaties/new-start), copied with its readings and messages; record.md says that the record is complete
 * for every notice that is told, so that each deadline is judged.
 *
 * Larger records are longer, not denser: 250,000 statements are 120 years and 2,500,000 are 1,200, with as
 * many items, as many open deadlines at a time and as many statements a year as in the real size. What a
 * statement costs can then grow only if something grows with the past. The copied treaty's term is made
 * long enough for that, which leaves its own examples behind. With --years the span is another one, and
 * the items are as many more: ten times the statements in 12 years are about 15,000 items.
 *
 *      year by year:   fixed course, episodes up to its share ─▶ sorted by time ─▶ signed ─▶ book
 *
 * Each Party's book is written by a process of its own, as in life. The same arguments give the same
 * bytes. */
#include "notices.h"
#include "store/crypto.h"
#include <kadesh/engine.h>
#include <kadesh/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TREATY          "new-start"
#define PHRASE          "kadesh bench record"
#define REAL_SIZE       25000
#define REAL_YEARS      12
#define REAL_ITEMS      1500
#define TERM_YEARS      10 /* that the treaty lasts, and may be extended by (XIV.2) */
#define EXTENSION_YEARS 5
#define LEAST_A_YEAR    450  /* what the fixed course of the first year takes */
#define BATCH           2048 /* entries in one append */
#define HOUR            INT64_C(3600)
#define LATE_ONE_IN     200

enum { US, RU, PARTIES, BOTH = PARTIES };
static const char *const parties[PARTIES] = {"US", "RU"};

/* What is told: an entry in the book of `who`, or in both. */
typedef struct say {
    kd_instant at; /* issued and received */
    uint64_t serial;
    kd_instant a, b;
    uint32_t thing;
    uint32_t counts[3];
    uint8_t who; /* a Party, or BOTH: an entry in each book */
    uint8_t what;
} say;

/* ---- The story ----------------------------------------------------------------------------------------*/

typedef struct story {
    uint64_t random;
    int64_t statements, told; /* entries wanted, and told so far */
    int years;
    uint32_t items, refs;
    kd_day begin;
    say *says;
    size_t count, room;
} story;

/* splitmix64: small, and the same everywhere. */
static uint64_t next(story *s) {
    uint64_t z = s->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static int64_t between(story *s, int64_t least, int64_t most) {
    return least + (int64_t)(next(s) % (uint64_t)(most - least + 1));
}

/* A time within the limit, or once in a while the one that misses it. */
static int64_t mostly(story *s, int64_t least, int64_t most, int64_t late) {
    int64_t good = between(s, least, most);
    return next(s) % LATE_ONE_IN ? good : late;
}

static say *tell(story *s, kd_instant at, int who, notice what, uint32_t thing) {
    if (s->count == s->room) {
        s->room = s->room ? 2 * s->room : 4096;
        s->says = realloc(s->says, s->room * sizeof *s->says);
        if (!s->says) abort();
    }
    say *new = &s->says[s->count++];
    *new = (say){
        .at = at, .serial = (uint64_t)s->told, .thing = thing, .who = (uint8_t)who, .what = (uint8_t)what};
    s->told += who == BOTH ? 2 : 1;
    return new;
}

static void tell_times(story *s, kd_instant at, int who, notice what, uint32_t thing, kd_instant a,
                       kd_instant b) {
    say *new = tell(s, at, who, what, thing);
    new->a = a;
    new->b = b;
}

/* The beginning of the day `days` after that of `at`, and an hour of it. */
static kd_instant day_after(kd_instant at, int64_t days) {
    return kd_day_begin(kd_instant_day(at) + days);
}

static kd_instant hour_of(story *s, kd_instant day) {
    return day + between(s, 6 * HOUR, 20 * HOUR);
}

/* What occurred on the day of `at` is told by the fifth day after it. */
static void tell_in_days(story *s, kd_instant at, int who, notice what, uint32_t item) {
    kd_instant day = day_after(at, 0);
    tell_times(s, hour_of(s, day_after(day, mostly(s, 1, 4, 7))), who, what, item, day, 0);
}

static void exit_and_transit(story *s, kd_instant at, int who, uint32_t item) {
    kd_instant left = at + mostly(s, 50 * HOUR, 80 * HOUR, 40 * HOUR);
    tell_times(s, at, who, EXIT_PLANNED, item, at + 60 * HOUR, 0);
    tell_times(s, left + HOUR, who, ITEM_LEFT, item, left, 0);
    tell_times(s, left + 2 * HOUR, who, TRANSIT_BEGUN, item, day_after(left, 0), 0);
    tell_in_days(s, day_after(left, mostly(s, 2, 20, 33)), who, TRANSIT_COMPLETED, item);
}

static void conversion(story *s, kd_instant at, int who, uint32_t item) {
    kd_instant began = day_after(at, mostly(s, 32, 60, 25)), over = day_after(began, between(s, 5, 40));
    tell_times(s, at, who, CONVERSION_INTENT, item, began, 0);
    tell_times(s, hour_of(s, day_after(over, mostly(s, 1, 4, 7))), who, CONVERSION_DONE, item, began, over);
}

static void launch(story *s, kd_instant at, int who, uint32_t item) {
    kd_instant launched = at + mostly(s, 26 * HOUR, 60 * HOUR, 20 * HOUR);
    tell_times(s, at, who, LAUNCH, item, at + 30 * HOUR, 0);
    tell_times(s, launched + HOUR, who, LAUNCH_MADE, item, launched, 0);
}

static void question(story *s, kd_instant at, int who) {
    uint32_t ref = s->refs++;
    tell(s, at, who, ASKED, ref);
    tell(s, at + between(s, 3 * KD_DAY_S, 20 * KD_DAY_S), !who, ANSWERED, ref);
}

/* Eleven statements of the two, each in its time after the one before (XI; P5.IV, V, X). */
static void inspection(story *s, kd_instant at, int who, unsigned kind) {
    uint32_t ref = s->refs++;
    kd_instant arrived = at + mostly(s, 34 * HOUR, 48 * HOUR, 30 * HOUR);
    kd_instant named = arrived + mostly(s, 5 * HOUR, 20 * HOUR, 26 * HOUR);
    kd_instant there = named + between(s, 10 * HOUR, 20 * HOUR), begun = there + HOUR,
               ended = begun + 30 * HOUR;
    tell(s, at, who, REQUEST, ref)->counts[0] = 10;
    tell(s, at + mostly(s, 4 * HOUR, 20 * HOUR, 30 * HOUR), !who, REPLY, ref);
    tell(s, at + 10 * HOUR, who, FLIGHT_PLAN, ref);
    tell_times(s, arrived + HOUR / 6, who, ARRIVAL, ref, arrived, at + 20 * HOUR);
    tell(s, named, who, SITE, ref);
    tell(s, named + mostly(s, HOUR / 2, HOUR - 60, 2 * HOUR), !who, RESTRICTIONS, ref);
    tell(s, there, !who, SITE_ARRIVAL, ref);
    tell(s, there + HOUR / 2, !who, BRIEFING, ref);
    say *new = tell(s, begun, who, BEGUN, ref);
    new->counts[0] = kind;
    new->a = day_after(begun, 0);
    tell(s, ended, who, ENDED, ref);
    tell(s, ended + mostly(s, HOUR, 3 * HOUR, 6 * HOUR), who, REPORT, ref);
}

/* What an item goes through, out of a hundred. */
static void episode(story *s, kd_instant at) {
    uint32_t item = (uint32_t)between(s, 0, s->items - 1);
    int who = item & 1;
    int64_t die = s->statements - s->told < 4 ? 0 : between(s, 0, 99);
    if (die < 50)
        tell_in_days(s, at, who, CHANGE, item);
    else if (die < 60)
        tell_in_days(s, at, who, NOTIFICATION, item);
    else if (die < 76)
        exit_and_transit(s, at, who, item);
    else if (die < 86)
        conversion(s, at, who, item);
    else if (die < 90)
        launch(s, at, who, item);
    else if (die < 93)
        tell_in_days(s, at, who, LOSS, item);
    else if (die < 96)
        tell_in_days(s, at, who, FACILITY_NEW, item);
    else
        question(s, at, who);
}

static void first_days(story *s, kd_instant at) {
    tell(s, at, BOTH, IN_FORCE, 0);
    tell(s, hour_of(s, day_after(at, 3)), BOTH, AIRPLANES, 0);
    tell(s, hour_of(s, day_after(at, 20)), BOTH, INSPECTORS, 0);
    tell(s, hour_of(s, day_after(at, 40)), BOTH, DATA_INITIAL, 0);
    tell(s, hour_of(s, day_after(at, 41)), BOTH, FACILITIES, 0);
    tell(s, hour_of(s, day_after(at, 42)), US, BOMBERS_SHOWN, 0);
    tell(s, hour_of(s, day_after(at, 45)), RU, RS24_SHOWN, 0);
}

/* Each year agreed recordings of five launches, one of them poor (IX; P7). */
static void telemetry(story *s, kd_instant at) {
    tell(s, at, BOTH, TELEMETRY_AGREED, 0);
    for (int who = US; who < PARTIES; who++) {
        for (int i = 0; i < 5; i++)
            tell(s, at + between(s, 5 * KD_DAY_S, 60 * KD_DAY_S), who, TELEMETRY_GIVEN, s->refs++);
        tell(s, at + 70 * KD_DAY_S, !who, TELEMETRY_POOR, s->refs);
        tell(s, at + between(s, 90 * KD_DAY_S, 120 * KD_DAY_S), who, TELEMETRY_EXPLAINED, s->refs++);
    }
}

/* A session that one Party asks for; the other owes it within 45 days (P6.II). */
static void session(story *s, kd_instant at, int year, int half) {
    kd_instant from = day_after(at, 20), until = day_after(from, 8);
    tell(s, at, half, BCC_REQUEST, 0);
    say *new = tell(s, hour_of(s, day_after(until, 1)), BOTH, BCC_SESSION, 0);
    new->a = from;
    new->b = until;
    new->counts[0] = (uint32_t)(2 * year + half + 1);
}

/* The half-year that begins then: data within 30 days (P4.II.2), within the limits of II. */
static void half_year(story *s, kd_day day) {
    for (int who = US; who < PARTIES; who++) {
        say *new = tell(s, hour_of(s, kd_day_begin(day + mostly(s, 14, 28, 33))), who, DATA, 0);
        new->a = kd_day_begin(day);
        new->counts[0] = (uint32_t)between(s, 640, 700);
        new->counts[1] = (uint32_t)between(s, 1400, 1550);
        new->counts[2] = (uint32_t)between(s, 740, 800);
        tell(s, hour_of(s, kd_day_begin(day + 40)), who, INSPECTOR_LIST, 0)->counts[0] =
            (uint32_t)between(s, 250, 300);
    }
}

/* 27 or 28 inspections a year, at most 8 of each type by each Party: 330 in 12 years. */
static void inspections(story *s, kd_instant begin, int year) {
    for (int who = US; who < PARTIES; who++) {
        int count = who == RU && year % 2 ? 13 : 14;
        int64_t step = 350 * KD_DAY_S / count;
        for (int i = 0; i < count; i++)
            inspection(s, begin + i * step + between(s, 0, step), who, i % 2 ? 1 : 0);
    }
}

static void one_year(story *s, int year) {
    kd_day day = kd_day_add_years(s->begin, year), end = kd_day_add_years(s->begin, year + 1);
    kd_instant begin = kd_day_begin(day);
    if (year == 0) first_days(s, begin + 12 * HOUR);
    if (year == TERM_YEARS - 1 && s->years > TERM_YEARS && s->years <= TERM_YEARS + EXTENSION_YEARS)
        tell(s, kd_day_begin(end - 2) + 12 * HOUR, BOTH, EXTENSION, 0)->a =
            kd_day_begin(kd_day_add_years(s->begin, TERM_YEARS + EXTENSION_YEARS));
    for (int half = 0; half < 2; half++) {
        half_year(s, kd_day_add_months(kd_day_of(2011, 3, 1), 12 * year + 6 * half));
        session(s, begin + (60 + 180 * half) * KD_DAY_S + 9 * HOUR, year, half);
    }
    telemetry(s, begin + 70 * KD_DAY_S + 9 * HOUR);
    inspections(s, begin, year);
    uint32_t type = s->refs++;
    tell(s, begin + between(s, 20, 100) * KD_DAY_S, year % 2, NEW_TYPE, type);
    tell(s, begin + between(s, 150, 300) * KD_DAY_S, year % 2, EXHIBITION, type);
    int64_t share = s->statements * (year + 1) / s->years;
    while (s->told < share) episode(s, begin + between(s, 0, (end - day) * KD_DAY_S - 1));
}

static int by_time(const void *x, const void *y) {
    const say *a = x, *b = y;
    if (a->at != b->at) return a->at < b->at ? -1 : 1;
    return a->serial < b->serial ? -1 : a->serial > b->serial;
}

/* ---- Statements ---------------------------------------------------------------------------------------*/

typedef struct book {
    int party;
    kd_crypto crypto;
    kd_keyring ring;
    kd_writer *writer;
    kd_text text, entries;
    size_t begins[BATCH + 1], count;
} book;

static void put_time(char *out, size_t room, kd_instant at, bool day) {
    kd_civil c = kd_civil_of(at);
    int n = snprintf(out, room, "%04d-%02u-%02u", c.year, c.month, c.day);
    if (!day) snprintf(out + n, room - (size_t)n, "T%02u:%02u:%02uZ", c.hour, c.minute, c.second);
}

static void put_value(const say *x, value what, const char *fixed, char *out, size_t room) {
    switch (what) {
    case ITEM:
        snprintf(out, room, "%s-%05u", parties[x->thing & 1], (unsigned)x->thing);
        return;
    case REF:
        snprintf(out, room, "R%06u", (unsigned)x->thing);
        return;
    case TEXT:
        snprintf(out, room, "%s", fixed);
        return;
    case DATE_A:
        put_time(out, room, x->a, true);
        return;
    case DATE_B:
        put_time(out, room, x->b, true);
        return;
    case INSTANT_A:
        put_time(out, room, x->a, false);
        return;
    case INSTANT_B:
        put_time(out, room, x->b, false);
        return;
    case COUNT_0:
    case COUNT_1:
    case COUNT_2:
        snprintf(out, room, "%u", (unsigned)x->counts[what - COUNT_0]);
        return;
    case KIND:
        snprintf(out, room, "%s", x->counts[0] ? "type_two" : "type_one");
        return;
    case PARTY:
        snprintf(out, room, "%s", parties[x->who]);
        return;
    }
}

static kd_status flush(book *b, kd_error *e) {
    if (!b->count) return KD_OK;
    kd_str entries[BATCH];
    if (b->entries.failed) return kd_fail_nomem(e);
    b->begins[b->count] = b->entries.n;
    for (size_t i = 0; i < b->count; i++)
        entries[i] = (kd_str){b->entries.p + b->begins[i], b->begins[i + 1] - b->begins[i]};
    int64_t first;
    kd_status s = kd_writer_append(b->writer, entries, b->count, &first, e);
    kd_text_clear(&b->entries);
    b->count = 0;
    return s;
}

static kd_status put_entry(book *b, kd_statement *told, kd_error *e) {
    kd_str to = kd_str_of(parties[!b->party]);
    told->treaty = KD_STR(TREATY);
    told->by = kd_str_of(parties[b->party]);
    told->to = &to;
    told->to_count = 1;
    told->received = told->issued;
    told->has_received = true;
    kd_text_clear(&b->text);
    kd_status s = kd_statement_put(&b->text, told, e);
    b->begins[b->count] = b->entries.n;
    if (!s)
        s = kd_entry_make(&b->entries, &b->crypto, &b->ring.signers[KD_FOR_STATEMENTS], kd_text_str(&b->text),
                          e);
    if (!s && ++b->count == BATCH) s = flush(b, e);
    return s;
}

static kd_status put_say(book *b, const say *x, kd_error *e) {
    char values[5][64];
    kd_statement_field fields[5];
    const spec *of = &specs[x->what];
    kd_statement told = {.notice = kd_str_of(of->name), .issued = {x->at, false}, .fields = fields};
    for (size_t i = 0; i < 5 && of->fields[i].name; i++) {
        put_value(x, of->fields[i].what, of->fields[i].fixed, values[i], sizeof values[i]);
        fields[told.field_count++] =
            (kd_statement_field){.name = kd_str_of(of->fields[i].name), .value = kd_str_of(values[i])};
    }
    return put_entry(b, &told, e);
}

/* The first entry: the treaty's text and all keys. */
static kd_status put_roster(book *b, const kd_folder *f, kd_arena *arena, kd_error *e) {
    kd_public_key *keys = NULL;
    size_t count = 0;
    kd_text hash;
    kd_status s = kd_folder_keys(f, &b->crypto, arena, &keys, &count, e);
    if (s) return s;
    kd_statement_field *fields = kd_arena_array(arena, count + 2, sizeof *fields);
    if (!fields) return kd_fail_nomem(e);
    kd_text_open(&hash, &kd_allocator_libc);
    kd_text_puts(&hash, "sha256:");
    kd_hex_put(&hash, f->treaty_hash.b, sizeof f->treaty_hash.b);
    kd_statement told = {
        .notice = KD_STR("roster"), .issued = {kd_day_end(kd_day_of(2010, 4, 8)), true}, .fields = fields};
    fields[told.field_count++] =
        (kd_statement_field){.name = KD_STR("treaty_hash"), .value = kd_text_str(&hash)};
    for (size_t i = 0; i < count; i++)
        fields[told.field_count++] = (kd_statement_field){.name = KD_STR("keys"), .value = keys[i].line};
    fields[told.field_count++] =
        (kd_statement_field){.name = KD_STR("remark"),
                             .value = KD_STR("Made up from a seed, to measure with; nobody said any of it.")};
    s = put_entry(b, &told, e);
    kd_text_close(&hash);
    return s;
}

/* Says of a year what no later year comes before, and keeps the rest. */
static kd_status put_year(book *b, story *s, int year, kd_error *e) {
    kd_instant until = year + 1 == s->years ? KD_NEVER : kd_day_begin(kd_day_add_years(s->begin, year + 1));
    size_t kept = 0;
    kd_status status = KD_OK;
    qsort(s->says, s->count, sizeof *s->says, by_time);
    for (size_t i = 0; !status && i < s->count; i++) {
        const say *x = &s->says[i];
        if (x->at >= until)
            s->says[kept++] = *x;
        else if (x->who == BOTH || x->who == b->party)
            status = put_say(b, x, e);
    }
    s->count = kept;
    return status;
}

/* ---- Files --------------------------------------------------------------------------------------------*/

/* What is lost in a crash is made anew: nothing is waited for. */
static int no_sync(void *ctx, int fd) {
    (void)ctx, (void)fd;
    return 0;
}

static kd_status write_under(const char *folder, const char *name, kd_str bytes, unsigned mode, kd_error *e) {
    char path[KD_PATH_MAX_BYTES];
    kd_status s = kd_path_join(path, folder, name, e);
    return s ? s : kd_write_file(&kd_os_real, path, bytes, mode, false, e);
}

/* The treaty's text with another term: "lasts N years" in the clause of its life. */
static void put_longer(kd_text *out, kd_str text, int years) {
    static const char clause[] = "\n  lasts ";
    const char *p = text.p ? strstr(text.p, clause) : NULL;
    size_t before = p ? (size_t)(p - text.p) : text.n;
    size_t line = p ? strcspn(p + 1, "\n") + 1 : 0;
    kd_text_put(out, (kd_str){text.p, before});
    if (p) kd_text_printf(out, "%s      %d years", clause, years);
    kd_text_put(out, (kd_str){text.p + before + line, text.n - before - line});
}

static kd_status copy_texts(const story *s, const char *from, const char *folder, const kd_crypto *crypto,
                            kd_error *e) {
    kd_arena arena;
    kd_folder f;
    kd_arena_open(&arena, &kd_allocator_libc);
    kd_status status = kd_folder_open(&kd_os_real, crypto, from, &arena, &f, e);
    for (size_t i = 0; !status && i < f.text_count; i++) {
        kd_text text;
        kd_text_open(&text, &kd_allocator_libc);
        bool longer = f.texts[i].kind == KD_TEXT_TREATY && s->years > TERM_YEARS + EXTENSION_YEARS;
        if (longer)
            put_longer(&text, f.texts[i].bytes, s->years + 1);
        else
            kd_text_put(&text, f.texts[i].bytes);
        if (text.failed) status = kd_fail_nomem(e);
        if (!status && f.texts[i].kind != KD_TEXT_RECORD)
            status = write_under(folder, f.texts[i].name.p + strlen(from) + 1, kd_text_str(&text), 0644, e);
        kd_text_close(&text);
    }
    kd_arena_close(&arena);
    return status;
}

static kd_status write_record(const story *s, const char *folder, kd_error *e) {
    kd_text t;
    kd_text_open(&t, &kd_allocator_libc);
    kd_text_printf(
        &t,
        "# What this record is\n\nMade up from a seed, to measure with: %lld statements in %d years. Nobody "
        "said any of it.\n\n```record\ntreaty " TREATY "\nreconstructed\ncomplete ",
        (long long)s->statements, s->years);
    for (size_t i = 0; i < NOTICES; i++) {
        bool again = i && strcmp(specs[i].name, specs[i - 1].name) == 0;
        if (!again) kd_text_printf(&t, "%s, ", specs[i].name);
    }
    kd_text_printf(&t, "%s for US, RU from 2010-04-08\nopen everything else\n```\n", silent);
    kd_status status =
        t.failed ? kd_fail_nomem(e) : write_under(folder, "record.md", kd_text_str(&t), 0644, e);
    kd_text_close(&t);
    return status;
}

static kd_status make_keys(const kd_crypto *crypto, int party, kd_keyring *ring, kd_error *e) {
    char name[64];
    snprintf(name, sizeof name, "%s.bench.example", parties[party]);
    return kd_keyring_make(crypto, kd_str_of(parties[party]), kd_str_of(name), PHRASE, ring, e);
}

static kd_status write_keys(const kd_crypto *crypto, const char *folder, kd_error *e) {
    kd_status s = KD_OK;
    for (int p = US; !s && p < PARTIES; p++) {
        kd_keyring ring;
        kd_text secret, public;
        char name[64];
        kd_text_open(&secret, &kd_allocator_libc);
        kd_text_open(&public, &kd_allocator_libc);
        s = make_keys(crypto, p, &ring, e);
        if (!s) s = kd_keyring_put(&ring, NULL, &secret, e);
        if (!s) kd_keyring_put_public(&ring, &public);
        snprintf(name, sizeof name, "keys/%s.key", parties[p]);
        if (!s) s = write_under(folder, name, kd_text_str(&secret), 0600, e);
        snprintf(name, sizeof name, "keys/%s.pub", parties[p]);
        if (!s) s = write_under(folder, name, kd_text_str(&public), 0644, e);
        kd_text_close(&secret);
        kd_text_close(&public);
    }
    return s;
}

/* ---- The whole ----------------------------------------------------------------------------------------*/

static kd_status write_book(story *s, const char *folder, int party, kd_error *e) {
    static book b; /* its batch is too large for the stack */
    kd_os os = kd_os_real;
    kd_arena arena;
    kd_folder f;
    os.fsync = os.fdatasync = no_sync;
    b.party = party;
    kd_arena_open(&arena, &kd_allocator_libc);
    kd_text_open(&b.text, &kd_allocator_libc);
    kd_text_open(&b.entries, &kd_allocator_libc);
    const kd_writer_options o = {.create = true};
    kd_status status = kd_crypto_sodium(&b.crypto, e);
    if (!status) status = make_keys(&b.crypto, party, &b.ring, e);
    if (!status) status = kd_folder_open(&os, &b.crypto, folder, &arena, &f, e);
    if (!status)
        status = kd_writer_open(&os, &b.crypto, &kd_allocator_libc, folder, &b.ring, &o, &b.writer, e);
    if (!status) status = put_roster(&b, &f, &arena, e);
    for (int year = 0; !status && year < s->years; year++) {
        one_year(s, year);
        status = put_year(&b, s, year, e);
    }
    if (!status) status = flush(&b, e);
    kd_status closed = kd_writer_close(b.writer, status ? NULL : e);
    kd_text_close(&b.text);
    kd_text_close(&b.entries);
    kd_arena_close(&arena);
    return status ? status : closed;
}

static int say_error(const kd_error *e) {
    fprintf(stderr, "generate: %s%s%s\n", e->file, e->file[0] ? ": " : "", e->message);
    return 1;
}

/* A process for each book; gives 0 when all went well. */
static int write_books(story *s, const char *folder) {
    int failed = 0, status;
    fflush(NULL);
    for (int p = US; p < PARTIES; p++) {
        pid_t child = fork();
        if (child < 0) return perror("generate: fork"), 1;
        if (child) continue;
        kd_error e = {0};
        _exit(write_book(s, folder, p, &e) ? say_error(&e) : 0);
    }
    while (wait(&status) > 0) failed |= !WIFEXITED(status) || WEXITSTATUS(status);
    return failed;
}

static int usage(void) {
    fprintf(stderr,
            "usage: generate --seed N --statements N --folder DIR [--years N] [--from DIR]\n"
            "DIR must not be there yet; at least %d statements a year\n",
            LEAST_A_YEAR);
    return 2;
}

int main(int argc, char **argv) {
    int64_t seed = -1, statements = -1, years = 0;
    const char *folder = NULL, *from = "treaties/new-start";
    for (int i = 1; i < argc; i += 2) {
        const char *given = i + 1 < argc ? argv[i + 1] : NULL;
        int64_t *number = strcmp(argv[i], "--seed") == 0         ? &seed
                          : strcmp(argv[i], "--statements") == 0 ? &statements
                          : strcmp(argv[i], "--years") == 0      ? &years
                                                                 : NULL;
        const char **text = strcmp(argv[i], "--folder") == 0 ? &folder
                            : strcmp(argv[i], "--from") == 0 ? &from
                                                             : NULL;
        if (!given || (!number && !text) || (number && !kd_decimal(kd_str_of(given), number))) return usage();
        if (text) *text = given;
    }
    if (!years)
        years =
            statements < REAL_SIZE / REAL_YEARS ? 1 : (statements * REAL_YEARS + REAL_SIZE / 2) / REAL_SIZE;
    if (seed < 0 || !folder || years < 1 || years > 5000 || statements / years < LEAST_A_YEAR) return usage();
    if (kd_path_exists(&kd_os_real, folder)) return usage();
    int64_t items = statements * REAL_YEARS * REAL_ITEMS / REAL_SIZE / years;
    story s = {.random = (uint64_t)seed,
               .statements = statements - PARTIES,
               .years = (int)years,
               .items = items < 100 ? 100 : (uint32_t)items,
               .begin = kd_day_of(2011, 2, 5)};
    kd_crypto crypto;
    kd_error e = {0};
    kd_status status = kd_crypto_sodium(&crypto, &e);
    if (!status) status = copy_texts(&s, from, folder, &crypto, &e);
    if (!status) status = write_record(&s, folder, &e);
    if (!status) status = write_keys(&crypto, folder, &e);
    if (status) return say_error(&e);
    if (write_books(&s, folder)) return 1;
    char last[32];
    put_time(last, sizeof last, kd_day_begin(kd_day_add_years(s.begin, s.years)), true);
    printf("%lld statements in %d year%s about %u items, up to %s\n", (long long)statements, s.years,
           s.years == 1 ? "" : "s", (unsigned)s.items, last);
    return 0;
}
