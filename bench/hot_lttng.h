// hot_lttng.h: the tracepoint that hot.c fires when built with -DLTTNG.

#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER hot
#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "./hot_lttng.h"

#if !defined HOT_LTTNG_H || defined LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ
#define HOT_LTTNG_H
#include <lttng/tracepoint.h>

LTTNG_UST_TRACEPOINT_EVENT(
    hot, work, LTTNG_UST_TP_ARGS(unsigned long, n),
    LTTNG_UST_TP_FIELDS(lttng_ust_field_integer(unsigned long, n, n)))
#endif

#include <lttng/tracepoint-event.h>
