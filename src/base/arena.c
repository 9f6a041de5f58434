/* arena.c: regions of memory that are released as a whole. */
#include <kadesh/base.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A block's bytes follow its header; what is larger than a quarter of a block gets a block of its own,
 * which is put behind the newest so that the free part of that stays in use. */
struct kd_arena_block {
    kd_arena_block *older;
    size_t bytes; /* of the whole allocation */
};

#define BLOCK_BYTES  ((size_t)65536)
#define ALIGN        ((size_t)16)
#define HEADER_BYTES ((sizeof(kd_arena_block) + ALIGN - 1) / ALIGN * ALIGN)

static void *libc_resize(void *ctx, void *p, size_t old_bytes, size_t new_bytes) {
    (void)ctx, (void)old_bytes;
    if (new_bytes == 0) {
        free(p);
        return NULL;
    }
    return realloc(p, new_bytes);
}

const kd_allocator kd_allocator_libc = {libc_resize, NULL};

void kd_arena_open(kd_arena *a, const kd_allocator *from) {
    *a = (kd_arena){.from = from ? from : &kd_allocator_libc};
}

void kd_arena_close(kd_arena *a) {
    for (kd_arena_block *b = a->blocks; b;) {
        kd_arena_block *older = b->older;
        a->from->resize(a->from->ctx, b, b->bytes, 0);
        b = older;
    }
    a->blocks = NULL;
    a->next = a->end = NULL;
    a->used_bytes = 0;
}

static kd_arena_block *new_block(kd_arena *a, size_t bytes) {
    kd_arena_block *b = a->from->resize(a->from->ctx, NULL, 0, bytes);
    if (b) b->bytes = bytes;
    return b;
}

void *kd_arena_take(kd_arena *a, size_t bytes) {
    if (bytes > SIZE_MAX / 2) return NULL;
    size_t rounded = (bytes + ALIGN - 1) / ALIGN * ALIGN;
    if (rounded == 0) rounded = ALIGN;
    unsigned char *p;
    if (a->next && rounded <= (size_t)(a->end - a->next)) {
        p = a->next;
        a->next += rounded;
    } else if (rounded > BLOCK_BYTES / 4) {
        kd_arena_block *b = new_block(a, HEADER_BYTES + rounded);
        if (!b) return NULL;
        if (a->blocks) {
            b->older = a->blocks->older;
            a->blocks->older = b;
        } else {
            b->older = NULL;
            a->blocks = b;
        }
        p = (unsigned char *)b + HEADER_BYTES;
    } else {
        kd_arena_block *b = new_block(a, BLOCK_BYTES);
        if (!b) return NULL;
        b->older = a->blocks;
        a->blocks = b;
        p = (unsigned char *)b + HEADER_BYTES;
        a->next = p + rounded;
        a->end = (unsigned char *)b + BLOCK_BYTES;
    }
    a->used_bytes += rounded;
    return memset(p, 0, rounded);
}

void *kd_arena_array(kd_arena *a, size_t count, size_t bytes) {
    if (bytes && count > SIZE_MAX / bytes) return NULL;
    return kd_arena_take(a, count * bytes);
}

char *kd_arena_copy(kd_arena *a, const void *bytes, size_t n) {
    if (n == SIZE_MAX) return NULL;
    char *p = kd_arena_take(a, n + 1);
    if (p && n) memcpy(p, bytes, n);
    return p;
}

char *kd_arena_printf(kd_arena *a, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *p = n < 0 ? NULL : kd_arena_take(a, (size_t)n + 1);
    if (p) vsnprintf(p, (size_t)n + 1, format, again);
    va_end(again);
    return p;
}
