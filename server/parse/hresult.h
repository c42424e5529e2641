/* SPDX-License-Identifier: Apache-2.0
 *
 * hresult: words for the error codes that traces of this field carry, where the file itself has none. Codes
 * of winerror.h; a Win32 code and its HRESULT form (0x8007xxxx) say the same. */
#ifndef CERTTRIAGE_HRESULT_H
#define CERTTRIAGE_HRESULT_H

#include <stdint.h>

/* One line; NULL: not one of them. Negative: no code. */
const char *hresult_text(int64_t code);

#endif
