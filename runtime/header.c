// header.c: what the header says of every region alike.

#include "rt.h"

void mct_header_fill(struct mct_region *header) {
    static const uint8_t magic[8] = MCT_REGION_MAGIC;
    mct_copy(header->magic, magic, sizeof magic);
    header->byte_order = MCT_BYTE_ORDER;
    header->version = MCT_REGION_VERSION;
    header->header_len = sizeof *header;
    header->word_bits = 8 * sizeof(void *);
    mct_copy(header->identity, mct_config.identity, 16);
    header->region_len = mct_config.region_len;
    header->vars_off = mct_config.vars_off;
    header->vars_len = mct_config.vars_len;
    header->aggs_off = mct_config.aggs_off;
    header->aggs_len = mct_config.aggs_len;
    header->sites = mct_config.sites;
    header->missed = mct_config.missed;
    header->images = mct_config.image_count;
    header->file_len = mct_config.region_len;
}
