# SPDX-License-Identifier: Apache-2.0
# Plants secrets below WORK/image and WORK/overlay; WORK/names lists them, "redacted" where --raw lets them through, "never" where nothing does.
import os, sys
work = sys.argv[1]
names = open(work + "/names", "w")
count = {"redacted": 0, "never": 0}
def s(kind="redacted"):
    count[kind] += 1
    secret = "Zq%03d%sQzWvKyXt" % (sum(count.values()), kind[0].upper())
    names.write("%s %s\n" % (secret, kind))
    return secret
volume = work + "/image/"
def write(path, text, encoding="utf-8", mode="w"):
    os.makedirs(os.path.dirname(volume + path), exist_ok=True)
    with open(volume + path, mode, encoding=encoding, newline="") as f:
        f.write(text)
def config(prolog=""):
    return f'''{prolog}<!-- {s()} --><?other {s()}?>
<configuration>
  <appSettings><add key="{s()}" value="{s()}" />{s()}</appSettings>
  <connectionStrings><add name="{s()}" connectionString="Server=s;Password={s()}" /></connectionStrings>
  <system.web><machineKey validationKey="{s()}" decryptionKey="{s()}" /><identity userName="u" password="{s()}" />
    <processModel userName="u" password="{s()}" /></system.web>
  <system.applicationHost><applicationPools><add name="p"><processModel userName="u" password="{s()}" /></add></applicationPools></system.applicationHost>
  <system.webServer><aspNetCore arguments="{s()}"><environmentVariables><environmentVariable name="A" value="{s()}" /></environmentVariables></aspNetCore>
    <management><authentication><credentials><add name="a" password="{s()}" /></credentials></authentication></management>
    <rewrite><rules><rule name="r"><action url="https://u:{s()}@x/?{s()}" /></rule></rules></rewrite></system.webServer>
  <system.serviceModel><client><endpoint address="https://u:{s()}@h/s?k={s()}" binding="b" /></client>
    <behaviors><serviceBehaviors><behavior name="b"><serviceCredentials><issuedTokenAuthentication><x value="{s()}" /></issuedTokenAuthentication></serviceCredentials></behavior></serviceBehaviors></behaviors></system.serviceModel>
  <custom name="{s()}"><![CDATA[{s()}]]><inner>{s()}</inner></custom>
</configuration>
'''
inetsrv = "Windows/System32/inetsrv/config/"
dotnet = "Windows/Microsoft.NET/Framework64/v4.0.30319/Config/"
write(inetsrv + "administration.config", config())
write(inetsrv + "schema/OWN_schema.xml", f'<configSchema><!-- {s()} --><sectionSchema name="own"><attribute name="a" type="string" x="{s()}" />{s()}</sectionSchema></configSchema>\n')
write(dotnet + "machine.config", config('<?xml version="1.0" encoding="utf-8"?>'))
write(dotnet + "web.config", "\ufeff" + config(), "utf-16-le")
write("inetpub/wwwroot/web.config", "\ufeff" + config(), "utf-16-be")
write("inetpub/logs/LogFiles/W3SVC1/u_ex150907.log", f'''#Software: {s()}
#Remark: {s()}
#Fields: date time cs-method cs-uri-stem cs-uri-query c-ip cs(User-Agent) cs(Cookie) cs(Referer) cs(Authorization) x-own sc-status
2015-09-07 16:00:00 GET /a t={s()} 10.0.0.1 - a={s()} https://r/{s()} {s()} {s()} 403
2015-09-07 16:00:00 GET /a {s()} one column too few {s()}
2015-09-07 16:00:00 GET /a?{s()} - 10.0.0.1 - - - - - 403
''')
write("Windows/System32/LogFiles/HTTPERR/httperr9.log", f'''#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename
2015-09-07 16:00:00 10.0.0.1 1 10.0.0.2 443 HTTP/1.1 GET /x?{s()} 400 1 BadRequest -
''')
write("inetpub/logs/FailedReqLogFiles/W3SVC1/fr000099.xml", f'''<failedRequest url="https://u:{s()}@h/?{s()}" statusCode="403"><Event><System><EventID>0</EventID></System><EventData>
<Data Name="Headers">Cookie: {s()}
Authorization: Basic {s()}
Proxy-Authorization: {s()}
X-Own: {s()}
 {s()}
</Data><Data Name="Buffer">{s()}</Data><Data Name="Own">{s()}</Data><Data Name="RequestURL">https://h/p?{s()}</Data></EventData></Event></failedRequest>
''')
keys = "ProgramData/Microsoft/Crypto/RSA/MachineKeys/"
write(keys + "0123456789abcdef0123456789abcdef_00000000-0000-0000-0000-000000000000", s("never"))
write("ProgramData/Microsoft/Crypto/Keys/0123456789abcdef0123456789abcdef_00000000-0000-0000-0000-000000000001", s("never"))
proxy = lambda: f"http=http://u:{s('never')}@h:8080"
def hexes(data): return ",".join("%02x" % b for b in data)
def wide(text): return hexes(text.encode("utf-16-le"))
with open(work + "/overlay/registry/zz.reg", "w") as f:
    f.write(f'''Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Internet Settings]
"ProxyServer"="{proxy()}"
"AutoConfigURL"=hex(2):{wide(proxy())},00,00
"Unlisted"="{s('never')}"

[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\\Connections]
"WinHttpSettings"=hex:18,00,00,00,00,00,00,00,03,00,00,00,{hexes(bytes([len("http://u:Zq000NQzWvKyXt@h:8080"), 0, 0, 0]))},{hexes(f"http://u:{s('never')}@h:8080".encode())},00,00,00,00

[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL]
"List"=hex(7):{wide(proxy())},00,00,00,00
''')
