/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fixed parts of the format html, NUL-terminated; they ship in the binary.
 * page_html has a @@NAME@@ where html.c puts the rest.
 */
#ifndef LK_PAGE_H
#define LK_PAGE_H

extern const char page_html[];		/* html/page.html */
extern const char page_css[];		/* html/page.css */
extern const char page_js[];		/* the scripts in html/, one after the other */

#endif /* LK_PAGE_H */
