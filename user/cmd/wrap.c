// SPDX-License-Identifier: GPL-2.0-only
/*
 * Greedy line breaking of ASCII text.
 */
#include <string.h>

#include "wrap.h"

/* How much of @text goes on a line of @room columns. */
static size_t line_length(const char *text, size_t room)
{
	size_t len = strlen(text), cut = room;

	if (!room || len <= room)
		return len;
	while (cut && text[cut] != ' ')
		cut--;
	if (cut)
		return cut;
	for (cut = room; cut && text[cut - 1] != ','; cut--)
		;
	return cut ? cut : strcspn(text, " ");
}

void wrap_put(FILE *out, const char *text, unsigned int col, unsigned int width)
{
	size_t room = width ? (width > col + 1 ? width - col : 1) : 0;

	for (;;) {
		size_t cut = line_length(text, room);

		fprintf(out, "%.*s\n", (int)cut, text);
		text += cut;
		text += strspn(text, " ");
		if (!*text)
			return;
		fprintf(out, "%*s", (int)col, "");
	}
}
