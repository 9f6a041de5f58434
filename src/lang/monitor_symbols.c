/* monitor_symbols.c: texts of the log that the engine's state no longer holds are forgotten.
 *
 * A log may bring new texts for ever, while the engine holds those of its windows alone. What it holds is what
 * it would save: so its state is saved to nowhere, and whatever looks like a symbol in the bytes, at any place,
 * is one. That asks nothing of the operators but to name their state, which they do anyway; an integer that looks
 * like a symbol keeps a text a while longer, no more. Symbols are given numbers that are rare elsewhere:
 *
 *      7ff9 0000 | place       integers beyond 9.2e18; floats have no such bits, as all NaNs are one
 */
#include "lang/mfotl_functions.h"
#include "lang/monitor_inside.h"
#include <string.h>

#define HIGH_HALF UINT64_C(0x7ff90000)

int64_t monitor_symbol(uint32_t place) {
    return (int64_t)(HIGH_HALF << 32 | place);
}

kd_status monitor_symbols_open(kd_monitor *m) {
    return kd_symbols_open_from(m->from, monitor_symbol(0), &m->symbols);
}

typedef struct search {
    uint64_t *kept;
    size_t span, work;
    uint64_t
        window; /* the last eight bytes, the newest on top: numbers are saved with the lowest byte first */
} search;

static kd_status look_through(void *ctx, const void *bytes, size_t n) {
    search *s = ctx;
    const unsigned char *p = bytes;
    uint64_t window = s->window;
    for (size_t i = 0; i < n; i++) {
        window = window >> 8 | (uint64_t)p[i] << 56;
        if (__builtin_expect(window >> 32 != HIGH_HALF, 1)) continue;
        uint32_t place = (uint32_t)window;
        if (place < s->span) s->kept[place / 64] |= UINT64_C(1) << place % 64;
    }
    s->window = window;
    s->work += n;
    return KD_OK;
}

/* Without memory, or when the state cannot be told, nothing is forgotten. */
void monitor_symbols_tidy(void *ctx) {
    kd_monitor *m = ctx;
    search s = {.span = kd_symbols_span(m->symbols)};
    size_t bytes = (s.span / 64 + 1) * sizeof *s.kept;
    s.kept = m->from->resize(m->from->ctx, NULL, 0, bytes);
    if (!s.kept) return;
    memset(s.kept, 0, bytes);
    if (kd_engine_save(m->engine, look_through, &s) != KD_OK) memset(s.kept, 0xff, bytes);
    if (kd_symbols_drop(m->symbols, s.kept, s.work) == KD_OK) mf_functions_forget(&m->functions);
    m->from->resize(m->from->ctx, s.kept, bytes, 0);
}
