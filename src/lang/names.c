/* names.c: the table of everything that has a name, and the memory that the front of `lang` takes. */
#include "lang/front.h"
#include <stdio.h>
#include <string.h>

void *kd_front_take(kd_front *f, size_t count, size_t bytes) {
    void *p = f->nomem ? NULL : kd_arena_array(f->arena, count ? count : 1, bytes);
    if (p) return p;
    f->nomem = true;
    /* Whoever asked writes at most one item before the load is given up: lists are refused by
     * kd_front_push. */
    return memset(f->spare, 0, sizeof f->spare);
}

void *kd_front_push(kd_front *f, void *items, size_t *count, size_t bytes) {
    unsigned char *p;
    memcpy(&p, items, sizeof p);
    if ((*count & (*count - 1)) == 0) { /* 0, 1, 2, 4, ...: full */
        size_t room = *count ? *count * 2 : 1;
        unsigned char *more = f->nomem ? NULL : kd_arena_array(f->arena, room, bytes);
        if (!more) {
            f->nomem = true;
            return memset(f->spare, 0, sizeof f->spare);
        }
        if (*count) memcpy(more, p, *count * bytes);
        p = more;
        memcpy(items, &p, sizeof p);
    }
    return p + bytes * (*count)++;
}

kd_str kd_front_format(kd_front *f, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *p = n < 0 || f->nomem ? NULL : kd_arena_take(f->arena, (size_t)n + 1);
    if (p)
        vsnprintf(p, (size_t)n + 1, format, again);
    else
        f->nomem = true;
    va_end(again);
    return p ? (kd_str){p, (size_t)n} : KD_STR("");
}

static size_t slot_of(const kd_entry *entries, size_t room, uint64_t space, kd_str key) {
    size_t i = (size_t)kd_hash(key.p, key.n, space) & (room - 1);
    while (entries[i].used && !(entries[i].space == space && kd_str_equal(entries[i].key, key)))
        i = (i + 1) & (room - 1);
    return i;
}

const kd_entry *kd_index_find(const kd_index *x, uint64_t space, kd_str key) {
    if (!x || x->count == 0) return NULL;
    const kd_entry *e = &x->entries[slot_of(x->entries, x->room, space, key)];
    return e->used ? e : NULL;
}

static bool grow(kd_front *f, kd_index *x) {
    size_t room = x->room ? x->room * 2 : 64;
    kd_entry *entries = f->nomem ? NULL : kd_arena_array(f->arena, room, sizeof *entries);
    if (!entries) {
        f->nomem = true;
        return false;
    }
    for (size_t i = 0; i < x->room; i++) {
        const kd_entry *e = &x->entries[i];
        if (e->used) entries[slot_of(entries, room, e->space, e->key)] = *e;
    }
    x->entries = entries;
    x->room = room;
    return true;
}

const kd_entry *kd_index_add(kd_front *f, uint64_t space, kd_str key, kd_thing what, uint32_t index,
                             kd_place at) {
    kd_index *x = f->index;
    if (f->nomem) return NULL; /* then the key may be anything */
    const kd_entry *taken = kd_index_find(x, space, key);
    if (taken) return taken;
    if (x->count * 2 >= x->room && !grow(f, x)) return NULL;
    x->entries[slot_of(x->entries, x->room, space, key)] = (kd_entry){key, space, what, index, at, true};
    x->count++;
    return NULL;
}

uint64_t kd_index_language(kd_str language) {
    return KD_SPACE_MESSAGE_LANGUAGES + (kd_hash(language.p, language.n, 0) >> 1);
}

kd_str kd_thing_name(kd_thing what) {
    static const char *const names[] = {
        [KD_IS_PARTY] = "a Party",     [KD_IS_GROUP] = "a group",      [KD_IS_KIND] = "a kind",
        [KD_IS_PERIOD] = "a period",   [KD_IS_NOTICE] = "a notice",    [KD_IS_EVENT] = "an event",
        [KD_IS_FACT] = "a fact",       [KD_IS_NUMBER] = "a number",    [KD_IS_RULE] = "a rule",
        [KD_IS_LADDER] = "a ladder",   [KD_IS_READING] = "a reading",  [KD_IS_RUNG] = "a rung",
        [KD_IS_MESSAGE] = "a message", [KD_IS_ARTICLE] = "an article",
    };
    return kd_str_of(names[what]);
}

kd_str *kd_front_names(kd_front *f, unsigned wanted, size_t *count) {
    const kd_index *x = f->index;
    size_t n = 0;
    for (size_t i = 0; i < x->room; i++) n += x->entries[i].used && (wanted >> x->entries[i].what & 1) != 0;
    *count = 0;
    if (n == 0 || f->nomem) return NULL;
    kd_str *names = kd_arena_array(f->arena, n, sizeof *names);
    if (!names) {
        f->nomem = true;
        return NULL;
    }
    for (size_t i = 0; i < x->room; i++)
        if (x->entries[i].used && (wanted >> x->entries[i].what & 1) != 0)
            names[(*count)++] = x->entries[i].key;
    return names;
}
