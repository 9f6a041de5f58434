/* tile.c: which files a tree has and how they are called. */
#include <kadesh/book.h>
#include <stdio.h>
#include <string.h>

unsigned kd_tile_width(int64_t size, int level, int64_t index) {
    if (size < 0 || index < 0 || level >= KD_TREE_LEVELS) return 0;
    int64_t hashes = level <= 0 ? size : size >> (8 * level);
    int64_t full = hashes / KD_TILE_WIDTH;
    if (index < full) return KD_TILE_WIDTH;
    return index == full ? (unsigned)(hashes % KD_TILE_WIDTH) : 0;
}

kd_tile_walk kd_tile_walk_open(int64_t size) {
    return (kd_tile_walk){size, KD_TILE_ENTRIES, 0};
}

bool kd_tile_walk_next(kd_tile_walk *w, kd_tile *out) {
    for (; w->level < KD_TREE_LEVELS; w->level++, w->index = 0) {
        unsigned width = kd_tile_width(w->size, w->level, w->index);
        if (width == 0) continue;
        *out = (kd_tile){w->level, w->index++, width};
        return true;
    }
    return false;
}

size_t kd_tile_path(kd_tile tile, char out[KD_TILE_PATH_MAX_BYTES]) {
    int64_t groups[7]; /* of three digits, lowest first: 2^63 has 19 digits */
    unsigned count = 0;
    int64_t rest = tile.index < 0 ? 0 : tile.index;
    do {
        groups[count++] = rest % 1000;
        rest /= 1000;
    } while (rest);
    size_t room = KD_TILE_PATH_MAX_BYTES, n;
    if (tile.level == KD_TILE_ENTRIES)
        n = (size_t)snprintf(out, room, "tile/entries");
    else
        n = (size_t)snprintf(out, room, "tile/%u", (unsigned)tile.level & 63u);
    while (count--) n += (size_t)snprintf(out + n, room - n, count ? "/x%03d" : "/%03d", (int)groups[count]);
    if (tile.width < KD_TILE_WIDTH) n += (size_t)snprintf(out + n, room - n, ".p/%u", tile.width);
    return n;
}

/* Takes the text up to the next slash off the front; false when nothing is left, not even an empty
 * element. */
static bool next_element(kd_str *rest, bool *more, kd_str *element) {
    if (!*more) return false;
    const char *slash = rest->n ? memchr(rest->p, '/', rest->n) : NULL;
    *element = (kd_str){rest->p, slash ? (size_t)(slash - rest->p) : rest->n};
    *more = slash != NULL;
    if (slash) *rest = (kd_str){slash + 1, rest->n - element->n - 1};
    return true;
}

/* Three digits, or -1. */
static int three_digits(kd_str s) {
    int value = 0;
    for (size_t i = 0; i < 3; i++) {
        if (s.n != 3 || s.p[i] < '0' || s.p[i] > '9') return -1;
        value = value * 10 + (s.p[i] - '0');
    }
    return value;
}

static bool push_group(int64_t *index, int group) {
    if (group < 0 || *index > (INT64_MAX - group) / 1000) return false;
    *index = *index * 1000 + group;
    return true;
}

static kd_status bad_index(kd_error *e) {
    return kd_fail(e, KD_INVALID, "bad_index", "a tile's number is written 000, or x001/234 from 1000 on");
}

/* Reads the number: elements x001/x234/067, the last perhaps with `.p`. */
static kd_status parse_index(kd_str *rest, bool *more, int64_t *index, bool *partial, kd_error *e) {
    kd_str element;
    bool first = true;
    while (next_element(rest, more, &element)) {
        if (element.n == 4 && element.p[0] == 'x' && *more) {
            int group = three_digits((kd_str){element.p + 1, 3});
            /* x000 first would be a second spelling of a shorter number. */
            if ((first && group == 0) || !push_group(index, group)) return bad_index(e);
            first = false;
            continue;
        }
        *partial = element.n == 5 && element.p[3] == '.' && element.p[4] == 'p';
        if (*partial) element.n = 3;
        if (!push_group(index, three_digits(element)) || (*more && !*partial)) return bad_index(e);
        return KD_OK;
    }
    return bad_index(e);
}

kd_status kd_tile_path_parse(kd_str path, kd_tile *out, kd_error *e) {
    kd_str rest = path, element;
    bool more = true, partial = false;
    if (!next_element(&rest, &more, &element) || !kd_str_is(element, "tile") || !more)
        return kd_fail(e, KD_INVALID, "bad_prefix", "a tile's path begins with tile/");
    int64_t level = KD_TILE_ENTRIES, index = 0, width = KD_TILE_WIDTH;
    next_element(&rest, &more, &element);
    if (!kd_str_is(element, "entries") && (!kd_decimal(element, &level) || level > 63))
        return kd_fail(e, KD_INVALID, "bad_level", "a tile's level is 0 to 63, or entries");
    kd_status status = parse_index(&rest, &more, &index, &partial, e);
    if (status) return status;
    if (partial) {
        bool there = next_element(&rest, &more, &element);
        if (!there || more || !kd_decimal(element, &width) || width < 1 || width >= KD_TILE_WIDTH)
            return kd_fail(e, KD_INVALID, "bad_width", "a partial tile ends in .p/ and a width of 1 to 255");
    }
    *out = (kd_tile){(int)level, index, (unsigned)width};
    return KD_OK;
}
