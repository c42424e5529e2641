/* SPDX-License-Identifier: Apache-2.0 */
#include "hresult.h"

#include "compiler.h"

#include <stddef.h>

static const struct {
    uint32_t code;
    const char *text;
} texts[] = {
    {0x00000002, "the file was not found"},
    {0x00000005, "access is denied"},
    {0x00000021, "the configuration section is locked at a higher level"},
    {0x00000032, "the request is not supported"},
    {0x00000040, "the network name is no longer available: the connection was closed"},
    {0x00000079, "the semaphore timeout period has expired"},
    {0x000003e3,
     "the I/O operation has been aborted because of either a thread exit or an application request"},
    {0x000004cd, "the network connection was aborted by the local system"},
    {0x0000052e, "the user name or password is incorrect"},
    {0x00000569, "the user has not been granted the requested logon type at this computer"},
    {0x8007000d, "the data is invalid"},
    {0x80070021, "the configuration section is locked at a higher level"},
    {0x80090308, "the token supplied to the function is invalid"},
    {0x80090325, "the certificate chain was issued by an authority that is not trusted"},
    {0x80090327, "an unknown error occurred while processing the certificate"},
    {0x80090328, "the received certificate has expired"},
    {0x80092010, "the certificate is revoked"},
    {0x80092012, "the revocation function was unable to check revocation for the certificate"},
    {0x80092013, "the revocation server was offline"},
    {0x80093102, "ASN1 unexpected end of data"},
    {0x80096004, "the signature of the certificate cannot be verified"},
    {0x80096010, "the digital signature of the object did not verify"},
    {0x800b0101, "a required certificate is not within its validity period"},
    {0x800b0109, "the chain ended in a root certificate which is not trusted"},
    {0x800b010a, "a certificate chain could not be built to a trusted root authority"},
    {0x800b010c, "a certificate was explicitly revoked by its issuer"},
    {0x800b0110, "the certificate is not valid for the requested usage"},
    {0x800b0111, "the certificate was explicitly marked as untrusted"},
};

const char *hresult_text(int64_t code)
{
    uint32_t bare = (code >> 16 & 0xffff) == 0x8007 ? (uint32_t)(code & 0xffff) : (uint32_t)code;

    for (size_t i = 0; code > 0 && i < ARRAY_LEN(texts); i++)
        if (texts[i].code == (uint32_t)code || texts[i].code == bare)
            return texts[i].text;
    return NULL;
}
