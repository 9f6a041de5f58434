/* receipt.c: when each statement was received, so that it counts.
 *
 * A receipt is the counterpart's statement in its own book: of whose book it is, up to which size it has it,
 * and when. The earliest one whose size is past an entry's index delivers the entry. Receipts and rosters
 * count from their issue: if a receipt had to be received first, no two Parties could ever begin. */
#include "record/inside.h"
#include <stdlib.h>

typedef struct receipt {
    int64_t size;
    kd_instant time; /* after the sort: the earliest of those at least as large */
} receipt;

typedef struct receipts { /* of one book, by size */
    receipt *items;
    size_t count, room;
} receipts;

static int by_size(const void *a, const void *b) {
    const receipt *x = a, *y = b;
    return x->size < y->size ? -1 : x->size > y->size;
}

static bool gather(const kd_treaty *t, const kd_said *said, size_t count, const kd_allocator *from,
                   receipts *books) {
    for (size_t i = 0; i < count; i++) {
        if (t->notices[said[i].notice].role != KD_ROLE_RECEIPT) continue;
        kd_value book = rec_value(t, &said[i], "book"), size = rec_value(t, &said[i], "size");
        kd_value time = rec_value(t, &said[i], "time");
        if (book < 0 || (uint64_t)book >= t->party_count || book == said[i].party || size <= 0 ||
            time == KD_ABSENT)
            continue; /* nobody gives himself a receipt */
        receipts *b = &books[book];
        if (!rec_grow(from, (void **)&b->items, &b->room, b->count + 1, sizeof *b->items)) return false;
        b->items[b->count++] = (receipt){size, time};
    }
    for (size_t p = 0; p < t->party_count; p++) {
        receipts *b = &books[p];
        if (b->count) qsort(b->items, b->count, sizeof *b->items, by_size);
        for (size_t i = b->count; i-- > 1;)
            if (b->items[i].time < b->items[i - 1].time) b->items[i - 1].time = b->items[i].time;
    }
    return true;
}

static kd_instant received_at(const receipts *b, uint64_t index) {
    size_t low = 0, high = b->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((uint64_t)b->items[middle].size > index)
            high = middle;
        else
            low = middle + 1;
    }
    return low < b->count ? b->items[low].time : KD_NEVER;
}

static void deliver(const kd_treaty *t, kd_said *said, const receipts *book) {
    kd_role role = t->notices[said->notice].role;
    bool told_counts = !t->has_record || t->reconstructed;
    if (said->told.has_received && told_counts) {
        said->received = said->told.received;
        said->delivery = KD_DELIVERED_TOLD;
    } else if (said->index == 0 || role == KD_ROLE_RECEIPT || role == KD_ROLE_ROSTER) {
        said->received = said->told.issued;
        said->delivery = said->index == 0 ? KD_DELIVERED_FIRST : KD_DELIVERED_ISSUED;
    } else {
        said->received = (kd_stamp){received_at(book, said->index), false};
        said->delivery = said->received.at == KD_NEVER ? KD_NOT_DELIVERED : KD_DELIVERED_RECEIPT;
    }
}

kd_status rec_deliver(const kd_treaty *t, kd_said *said, size_t count, const kd_allocator *from) {
    size_t room = 0;
    receipts *books = NULL;
    if (!rec_grow(from, (void **)&books, &room, t->party_count, sizeof *books)) return KD_NOMEM;
    for (size_t p = 0; p < t->party_count; p++) books[p] = (receipts){0};
    bool fine = gather(t, said, count, from, books);
    for (size_t i = 0; fine && i < count; i++) deliver(t, &said[i], &books[said[i].party]);
    for (size_t p = 0; p < t->party_count; p++)
        rec_free(from, books[p].items, books[p].room, sizeof(receipt));
    rec_free(from, books, room, sizeof *books);
    return fine ? KD_OK : KD_NOMEM;
}
