/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a file is that is not a recording. Private to user/file/.
 */
#ifndef LK_FOREIGN_H
#define LK_FOREIGN_H

#include <stddef.h>
#include <stdint.h>

/*
 * From the first @len bytes of a file (all of it, if shorter): what it is and
 * what to do, as the end of a sentence that begins "... is not a recording: ".
 */
const char *foreign_describe(const uint8_t *p, size_t len);

#endif /* LK_FOREIGN_H */
