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
    {0x0000051f, "there are currently no logon servers available"},
    {0x00000520, "a specified logon session does not exist"},
    {0x0000052e, "the user name or password is incorrect"},
    {0x00000569, "the user has not been granted the requested logon type at this computer"},
    {0x8007000d, "the data is invalid"},
    {0x80070021, "the configuration section is locked at a higher level"},
    {0x80072ee2, "the operation timed out"},
    {0x80072ee7, "the server name could not be resolved"},
    {0x80072efd, "a connection with the server could not be established"},
    {0x80090016, "the key set does not exist: no private key file, or it belongs to another machine"},
    {0x80090308, "the token supplied to the function is invalid"},
    {0x8009030c, "the logon attempt failed"},
    {0x8009030d,
     "the credentials supplied to the package were not recognized: the private key cannot be used"},
    {0x8009030e, "no credentials are available in the security package"},
    {0x80090322, "the target principal name is incorrect"},
    {0x80090325, "the certificate chain was issued by an authority that is not trusted"},
    {0x80090326, "the message received was unexpected or badly formatted"},
    {0x80090327, "an unknown error occurred while processing the certificate"},
    {0x80090328, "the received certificate has expired"},
    {0x80090331, "client and server share no common algorithm"},
    {0x80092004, "the object or property was not found"},
    {0x80092010, "the certificate is revoked"},
    {0x80092012, "the revocation function was unable to check revocation for the certificate"},
    {0x80092013, "the revocation server was offline"},
    {0x80093102, "ASN1 unexpected end of data"},
    {0x80096004, "the signature of the certificate cannot be verified"},
    {0x80096010, "the digital signature of the object did not verify"},
    {0x800b0101, "a required certificate is not within its validity period"},
    {0x800b0109, "the chain ended in a root certificate which is not trusted"},
    {0x800b010a, "a certificate chain could not be built to a trusted root authority"},
    {0x800b010b, "an unspecified error occurred while the chain was checked"},
    {0x800b010c, "a certificate was explicitly revoked by its issuer"},
    {0x800b010f, "the name of the certificate does not match the one that was asked for"},
    {0x800b0110, "the certificate is not valid for the requested usage"},
    {0x800b0111, "the certificate was explicitly marked as untrusted"},
    {0x800b0112, "a certificate of the chain is not trusted by the policy provider (NTAuth)"},
    {0xc000005e, "no logon servers are available"},
    {0xc000005f, "a specified logon session does not exist: the certificate or its private key is not there"},
    {0xc0000064, "the user name does not exist"},
    {0xc000006d, "the user name or password is wrong"},
    {0xc000006e, "the account has restrictions"},
    {0xc0000072, "the account is disabled"},
    {0xc000015b, "the user has not been granted the requested logon type at this computer"},
    {0xc0000193, "the account has expired"},
    {0xc0000225, "the object was not found"},
    {0xc0000234, "the account is locked"},
};

const char *hresult_text(int64_t code)
{
    uint32_t bare = (code >> 16 & 0xffff) == 0x8007 ? (uint32_t)(code & 0xffff) : (uint32_t)code;

    for (size_t i = 0; code > 0 && i < ARRAY_LEN(texts); i++)
        if (texts[i].code == (uint32_t)code || texts[i].code == bare)
            return texts[i].text;
    return NULL;
}
