/* test_monitor_random.c: random formulas and logs: the monitor says what the definitions say, at once, in
 * pieces, and with its state saved and restored on the way. MFOTL_FIRST and MFOTL_N choose the seeds,
 * MFOTL_SECONDS a time instead of a number, MFOTL_SHOWN how many failures are shown; each of these is made
 * small and written to $B/monitor-failures.txt too, in the form of tests/monitor-cases/kept.txt. */
#include "kdtest.h"
#include "monitor_pair.h"
#include "shrink_mfotl.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SHOWN = 8, PAIRS = 20000, JOIN_EACH = 10 };

static unsigned outcomes[MP_DIFFERENT + 1];

static uint64_t number(const char *name, uint64_t otherwise) {
    const char *z = getenv(name);
    return z && *z ? strtoull(z, NULL, 10) : otherwise;
}

/* The shrinker keeps the kind of failure: what the monitor refuses or cannot read must not turn into another
 * verdict, nor one formula that is beyond the fragment into a refusal. */
typedef struct fault {
    mp_way way;
    char first[24]; /* how the complaint begins */
} fault;

static void complaint(const rm_pair *p, mp_way way, char first[24]) {
    kd_text why;
    kd_text_open(&why, &kd_allocator_libc);
    mp_outcome o = mp_compare(p, way, &why);
    size_t n = why.n < 23 ? why.n : 23;
    memcpy(first, o == MP_DIFFERENT && n ? why.p : "", o == MP_DIFFERENT ? n : 0);
    first[o == MP_DIFFERENT ? n : 0] = 0;
    for (size_t i = 0; i < n; i++)
        if (first[i] >= '0' && first[i] <= '9') first[i] = 0;
    kd_text_close(&why);
}

static bool fails(void *ctx, const rm_pair *p) {
    const fault *f = ctx;
    rm_pair q = *p;
    q.inside = strncmp(f->first, "naive", 5) == 0 && p->inside;
    char first[24];
    complaint(&q, f->way, first);
    return *first && strcmp(first, f->first) == 0;
}

static void report(const char *name, rm_pair p, mp_way way) {
    kd_arena a;
    kd_text why, file;
    kd_arena_open(&a, &kd_allocator_libc);
    kd_text_open(&why, &kd_allocator_libc);
    kd_text_open(&file, &kd_allocator_libc);
    fault f = {.way = way};
    complaint(&p, way, f.first);
    mp_compare(&p, way, &why);
    printf("as found:\n%.*s\n", KD_STR_ARGS(kd_text_str(&why)));
    fflush(stdout);
    kd_text_clear(&why);
    sm_shrink(&a, &p, fails, &f);
    mp_compare(&p, way, &why);
    mp_put(&file, name, &p);
    printf("%s%s", file.p, why.p ? why.p : "");
    if (way.cut != SIZE_MAX)
        printf("saved and restored after %zu time points, pieces of %zu\n", way.cut, way.piece);
    const char *folder = getenv("B");
    char *path = kd_arena_printf(&a, "%s/monitor-failures.txt", folder ? folder : ".");
    FILE *out = path ? fopen(path, "ab") : NULL;
    if (out) {
        fwrite(file.p, 1, file.n, out);
        fclose(out);
    }
    kd_text_close(&file);
    kd_text_close(&why);
    kd_arena_close(&a);
}

static void check(const char *name, const rm_pair *p, rm_dice *d, size_t points) {
    const mp_way ways[] = {
        MP_WHOLE,
        {.cut = rm_below(d, (unsigned)points + 1), .piece = rm_chance(d, 50) ? 1 + rm_below(d, 40) : 0}};
    for (unsigned k = 0; k < 2; k++) {
        mp_outcome o = mp_compare(p, ways[k], NULL);
        outcomes[o]++;
        if (kdtest_claim(o != MP_DIFFERENT, "%s: %s", name,
                         k ? "with the state saved and restored" : "in one piece"))
            continue;
        if ((uint64_t)kdtest_failed <= number("MFOTL_SHOWN", SHOWN)) report(name, *p, ways[k]);
        return;
    }
}

static void replay_kept(rm_dice *d) {
    kd_arena a;
    size_t count;
    kd_arena_open(&a, &kd_allocator_libc);
    const mp_kept *kept = mp_read(&a, "tests/monitor-cases/kept.txt", &count);
    for (size_t i = 0; i < count; i++) {
        char name[80];
        snprintf(name, sizeof name, "%.*s", KD_STR_ARGS(kept[i].name));
        name[strcspn(name, " ")] = 0;
        for (int k = 0, before = kdtest_failed; k < 4 && kdtest_failed == before; k++)
            check(name, &kept[i].pair, d, 8);
    }
    printf("%zu failures of the past replayed\n", count);
    kdtest_claim(!outcomes[MP_LATE], "none of those is told late");
    kd_arena_close(&a);
}

/* Does its plan join many relations at once? */
static bool run_pair(uint64_t seed, bool join, rm_dice *d) {
    kd_arena a;
    rm_pair p;
    char name[40];
    kd_arena_open(&a, &kd_allocator_libc);
    snprintf(name, sizeof name, "%s-%llu", join ? "join" : "seed", (unsigned long long)seed);
    if (join)
        rm_make_join(&a, seed, &p);
    else
        rm_make(&a, seed, &p);
    size_t points = 0;
    for (size_t i = 0; i < p.log.n; i++) points += p.log.p[i] == '@';
    check(name, &p, d, points);
    bool many = join && mp_has_operator(&p, "join of many");
    kd_arena_close(&a);
    return many;
}

int main(void) {
    const char *longer = getenv("LONG");
    uint64_t first = number("MFOTL_FIRST", 0),
             seconds = number("MFOTL_SECONDS", longer && *longer ? 3600 : 0);
    unsigned joins = 0, joined_many = 0;
    uint64_t count = number("MFOTL_N", seconds ? UINT64_MAX : PAIRS), done = 0;
    time_t begin = time(NULL);
    rm_dice d = {first + 17};
    replay_kept(&d);
    for (; done < count && kdtest_failed < 1000; done++) {
        if (seconds && done % 256 == 0 && (uint64_t)(time(NULL) - begin) >= seconds) break;
        run_pair(first + done, false, &d);
        if (done % JOIN_EACH) continue;
        joins++;
        joined_many += run_pair(first + done, true, &d);
    }
    printf("%llu pairs, each twice: %u the same, %u refused, %u beyond the naive evaluator, "
           "%u too big for both, %u for one\n",
           (unsigned long long)done, outcomes[MP_SAME], outcomes[MP_REFUSED], outcomes[MP_SKIPPED],
           outcomes[MP_OVERFLOW], outcomes[MP_UNSURE]);
    printf("%u joins more, %u of them of many relations at once\n", joins, joined_many);
    printf("%u told later than the definitions allow\n", outcomes[MP_LATE]);
    kdtest_claim((uint64_t)outcomes[MP_LATE] * 10000 <= done + 20000, "next to none is told late");
    kdtest_claim(joins < 100 || joined_many > joins / 10, "many relations are joined at once");
    kdtest_claim(outcomes[MP_SAME] > 8 * (outcomes[MP_REFUSED] + outcomes[MP_SKIPPED] + outcomes[MP_UNSURE]),
                 "nearly all pairs are compared");
    return kdtest_end("test_monitor_random");
}
