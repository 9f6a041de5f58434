/* page.h: a page of so many lines and columns: sections of blocks, least important blocks left out first.
 *
 *      section   heading
 *        block   one thing that is said, one line or a few      rank 0: never left out
 *        block   ...                                            rank 3: before one of rank 2
 *        "and 4 more: kadesh status"                            when blocks were left out
 */
#ifndef KADESH_VIEW_PAGE_H
#define KADESH_VIEW_PAGE_H

#include "view/pen.h"

typedef struct kd_block {
    size_t section;
    int rank;
    bool left_out;
    kd_cites cites;
    kd_str lines[12];
    size_t line_count;
} kd_block;

typedef struct kd_section {
    kd_str heading; /* "" for none */
    kd_str command; /* where the rest is told, "" when it is nowhere */
    bool joined;    /* no empty line before it */
    bool tight;     /* nor now, since there is no room for one */
    size_t left_out;
} kd_section;

typedef struct kd_page {
    kd_pen *pen;
    unsigned columns;
    kd_section *sections;
    size_t section_count, section_room;
    kd_block *blocks;
    size_t block_count, block_room;
} kd_page;

void kd_page_open(kd_page *p, kd_pen *pen, unsigned columns);
void kd_page_section(kd_page *p, kd_str heading, const char *command, bool joined);
/* Begins a block of the section begun last. */
void kd_page_block(kd_page *p, int rank, const kd_cites *cites);
/* A line of the block begun last, clipped to the page; the text must outlive it. */
void kd_page_line(kd_page *p, kd_str line);
/* `label` in a column of its own, `text` wrapped beside it, `tail` at the right end of the last line (on a line of its own
 * when it does not fit); at most `most` lines of text, then "…". */
typedef struct kd_wrapped {
    unsigned indent, label_columns;
    kd_str label, text, tail;
    unsigned most;
} kd_wrapped;
void kd_page_wrap(kd_page *p, const kd_wrapped *w);
/* Cells side by side, each clipped and filled to its width; the last is not filled. */
kd_str kd_page_cells(kd_page *p, const kd_str *cells, const unsigned *columns, size_t count);
/* Leaves out blocks until the page has at most `lines` lines, `kept` of which are somebody else's. Before a block of
 * KD_RANK_TIGHT or less has to go, the empty lines between sections do. */
#define KD_RANK_TIGHT 2
void kd_page_fit(kd_page *p, size_t lines, size_t kept);
size_t kd_page_lines(const kd_page *p);
void kd_page_put(const kd_page *p, kd_text *out);

/* The text clipped to so many columns, the last of them "…" when something was cut; control characters are "?". */
kd_str kd_clipped(kd_pen *pen, kd_str text, unsigned columns);

#endif
