# SPDX-License-Identifier: Apache-2.0
# Plants secrets below WORK/image and WORK/overlay; WORK/names lists them, "redacted" where --raw lets them through, "never"
# where nothing does; WORK/entries has files of a bundle whose secrets ("entry") no volume has.
import base64, itertools, os, sys
work = sys.argv[1]
names = open(work + "/names", "w")
count = {"redacted": 0, "never": 0, "entry": 0}
encodings = itertools.cycle([
    lambda t: t,
    lambda t: base64.b64encode(b"x" + t.encode()).decode(),
    lambda t: "".join("%%%02X" % b for b in t.encode()),
    lambda t: t.encode("utf-16-le").hex(),
    lambda t: base64.b64encode(t.encode("utf-16-le")).decode()])
def plain(kind):
    count[kind] += 1
    secret = "Zq%03d%sQzWvKyXt" % (sum(count.values()), kind[0].upper())
    names.write("%s %s\n" % (secret, kind))
    return secret
def s(kind="redacted"): # every other one as it is, the others in another encoding
    secret = plain(kind)
    return next(encodings)(secret) if kind != "never" and sum(count.values()) % 2 else secret
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
  <system.webServer><aspNetCore arguments="--key {s()}"><environmentVariables><environmentVariable name="A" value="{s()}" /></environmentVariables></aspNetCore>
    <management><authentication><credentials><add name="a" password="{s()}" /></credentials></authentication></management>
    <httpPlatform processPath="c:\\x.exe" arguments="{s()}" /><fastCgi><application fullPath="c:\\php.exe" arguments="-d k={s()}" /></fastCgi>
    <security><requestFiltering><denyUrlSequences><add sequence="{s()}" /></denyUrlSequences></requestFiltering></security>
    <httpProtocol><customHeaders><add name="X-Key" value="{s()}" /></customHeaders></httpProtocol><httpRedirect destination="https://u:{s()}@h/?{s()}" />
    <caching><profiles><add extension="{s()}" varyByQueryString="{s()}" /></profiles></caching>
    <rewrite><rules><rule name="r"><match url="{s()}" /><conditions><add input="{{QUERY_STRING}}" pattern="k={s()}" /></conditions><serverVariables><set name="HTTP_X" value="{s()}" /></serverVariables><action url="https://u:{s()}@x/?{s()}" /></rule></rules></rewrite></system.webServer>
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
write("inetpub/wwwroot/sub/web.config", '<configuration><system.webServer><security><authentication configSource="own.config" /></security></system.webServer></configuration>')
write("inetpub/wwwroot/sub/own.config", f'<?xml version="1.0"?>\n<authentication><!-- {s()} --><basicAuthentication enabled="true" own="{s()}" /><x y="{s()}" /></authentication>\n')
write("inetpub/history/CFGHISTORY_0000000001/applicationHost.config", config())
write("inetpub/history/CFGHISTORY_0000000001/notes.txt", plain("never"))
write("inetpub/logs/LogFiles/W3SVC1/u_ex150907.log", f'''#Software: {s()}
#Remark: {s()}
#Fields: date time cs-method cs-uri-stem cs-uri-query c-ip cs(User-Agent) cs(Cookie) cs(Referer) cs(Authorization) x-own sc-status
2015-09-07 16:00:00 GET /a t={s()} 10.0.0.1 - a={s()} https://r/{s()} {s()} {s()} 403
2015-09-07 16:00:00 GET /a {s()} one column too few {s()}
2015-09-07 16:00:00 GET /a?{s()} - 10.0.0.1 - - - - - 403
2015-09-07 16:00:00 GET http://u:{s()}@h/a?{s()} - 10.0.0.1 - - - - - 403
127.0.0.1 - u [07/Sep/2015:16:00:00 +0000] "GET /a?{s()} HTTP/1.1" 403 5
10.0.0.1, u, 9/7/15, 16:00:00, W3SVC1, S, 10.0.0.2, 1, 2, 3, 403, 0, GET, /a, k={s()},
''')
write("Windows/System32/LogFiles/HTTPERR/httperr9.log", f'''#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename
2015-09-07 16:00:00 10.0.0.1 1 10.0.0.2 443 HTTP/1.1 GET /x?{s()} 400 1 BadRequest -
2015-09-07 16:00:00 10.0.0.1 1 10.0.0.2 443 HTTP/1.1 GET https://u:{s()}@h/x?{s()} 400 1 BadRequest -
#Remark {s()}
''')
write("inetpub/logs/FailedReqLogFiles/W3SVC1/fr000099.xml", f'''<failedRequest url="https://u:{s()}@h/?{s()}" statusCode="403"><Event><System><EventID>0</EventID></System><EventData>
<Data Name="Headers">Cookie: {s()}
Authorization: Basic {s()}
Proxy-Authorization: {s()}
X-Own: {s()}
 {s()}
</Data><Data Name="Buffer">{s()}</Data><Data Name="Own">{s()}</Data><Data Name="RequestURL">https://h/p?{s()}</Data></EventData></Event></failedRequest>
''')
write("Windows/System32/config/systemprofile/own.pfx", plain("never"))
write("inetpub/wwwroot/own.pfx", plain("never"))
keys = "ProgramData/Microsoft/Crypto/RSA/MachineKeys/"
write(keys + "0123456789abcdef0123456789abcdef_00000000-0000-0000-0000-000000000000", s("never"))
write("ProgramData/Microsoft/Crypto/Keys/0123456789abcdef0123456789abcdef_00000000-0000-0000-0000-000000000001", s("never"))
def hexes(data): return ",".join("%02x" % b for b in data)
def wide(text): return hexes((text + "\0").encode("utf-16-le"))
def text(value): return '"%s"' % value.replace("\\", "\\\\").replace('"', '\\"')
never = lambda: plain("never")
def proxies(): # every way in which a proxy or a script may be written
    return [f"http=http://u:{never()}@h:8080", f"u:{never()}@h:8080", f"http=u:{never()}@h:80;https=u:{never()}@h:81", f"h:1,u:p@{never()}@h:80",
            f"http://u:{never()}/x@h:80", f"http://wpad/x.pac?k={never()}", f"http://wpad/x.pac#{never()}", f"https=https://{never()}@h/x?{never()}",
            f"data:application/x-ns-proxy-autoconfig;base64,{never()}"]
def everywhere(values): # as text, REG_EXPAND_SZ, REG_MULTI_SZ and bytes
    forms = [text, lambda v: "hex(2):" + wide(v), lambda v: "hex(7):" + wide(v) + ",00,00", lambda v: "hex:" + hexes(v.encode())]
    return [form(v) for form in forms for v in values()]
def winhttp(server, bypass): # flags, then both texts behind their lengths
    parts = b"".join(len(t).to_bytes(4, "little") + t.encode() for t in (server, bypass))
    return "hex:18,00,00,00,00,00,00,00,03,00,00,00," + hexes(parts) + ",00,00,00,00"
policies = "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\"
internet = "Microsoft\\Windows\\CurrentVersion\\Internet Settings"
preferences = lambda: '{"security.osclientcerts.autoload":{"Value":true,"Status":"locked"},"network.proxy.own":{"Value":"%s"},"a":{"Value":["%s"]}}' % (never(), never())
chosen = lambda: '{"pattern":"https://u:%s@[*.]h/?k=%s","filter":{"ISSUER":{"CN":"x"}},"own":"%s"}' % (never(), never(), never())
settings = lambda: '{"ProxyMode":"fixed_servers","ProxyServer":"u:%s@h:80","ProxyPacUrl":"https://h/x.pac?%s","own":{"x":"%s"}}' % (never(), never(), never())
with open(work + "/overlay/registry/zz.reg", "w") as f:
    f.write("Windows Registry Editor Version 5.00\n\n")
    for key in ("SOFTWARE\\" + internet, "SOFTWARE\\Policies\\" + internet):
        f.write(f"[HKEY_LOCAL_MACHINE\\{key}]\n")
        for name, value in zip(("ProxyServer", "AutoConfigURL", "ProxyOverride"), proxies()[1:]):
            f.write(f'"{name}"={text(value)}\n')
        f.write(f'"Unlisted"="{never()}"\n\n')
    f.write(f"[HKEY_LOCAL_MACHINE\\SOFTWARE\\{internet}\\Connections]\n")
    f.write(f'"WinHttpSettings"={winhttp(f"http://u:{never()}@h:8080", f"u:{never()}@h")}\n"DefaultConnectionSettings"=hex:{hexes(never().encode())}\n\n')
    f.write("[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL]\n")
    for i, value in enumerate(everywhere(proxies)): # a key of which every value is taken
        f.write(f'"own {i}"={value}\n')
    f.write(f'\n{policies}Google\\Chrome\\AutoSelectCertificateForUrls]\n"1"={text(chosen())}\n"2"=hex(2):{wide(chosen())}\n"3"=hex(7):{wide(chosen())},00,00\n')
    f.write(f'\n{policies}Google\\Chrome]\n"ProxySettings"={text(settings())}\n"ProxyServer"="u:{never()}@h:80"\n"ProxyPacUrl"="data:,{never()}"\n"HomepageLocation"="{never()}"\n')
    f.write(f'\n{policies}Microsoft\\Edge]\n"ProxySettings"=hex(7):{wide(settings())},00,00\n"ProxyPacUrl"="https://h/x?{never()}"\n')
    f.write(f'\n{policies}Mozilla\\Firefox]\n"Preferences"={text(preferences())}\n"Proxy"="{never()}"\n')
    f.write(f'\n{policies}Mozilla\\Firefox\\Preferences]\n"own"="{never()}"\n')
    f.write(f'\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\own]\n"ImagePath"="c:/x.exe /password {never()}"\n"ObjectName"="LocalSystem"\n"Description"="{never()}"\n')
# What only a bundle holds, as the customer adds it or a running machine writes it.
volume = work + "/entries/"
of_volume, s = s, lambda: of_volume("entry")
write("logs/events/System.xml", f"""<Events since="2015-09-01T00:00:00.000Z">
<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Schannel"/><EventID>36887</EventID><Computer>web01</Computer></System>
<EventData><Data Name="AlertDesc">46</Data><Data Name="Own">{s()}</Data><Data>{s()}</Data><Binary>{s()}</Binary><Data Name="TargetName">https://u:{s()}@h/?{s()}</Data></EventData>
<RenderingInfo Culture="en-US"><Message>{s()}</Message></RenderingInfo></Event>
<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Microsoft-Windows-CAPI2"/><EventID>53</EventID></System>
<UserData><RetrieveObjectfromNetwork><URL own="{s()}">http://u:{s()}@crl/x?{s()}</URL><Own>{s()}</Own><EventAuxInfo ProcessName="w3wp.exe" own="{s()}"/><!-- {s()} --></RetrieveObjectfromNetwork></UserData></Event>
</Events>
""")
write("logs/events/Security.xml", "\ufeff" + f'<Event><System><EventID>4625</EventID></System><EventData><Data Name="TargetUserName">u</Data><Data Name="Own">{s()}</Data></EventData></Event>', "utf-16-le")
write("logs/w3svc/1/ncsa.log", f'127.0.0.1 - u [07/Sep/2015:16:00:00 +0000] "GET /a?{s()} HTTP/1.1" 403 5\n')
write("logs/w3svc/1/in150907.log", f"10.0.0.1, u, 9/7/15, 16:00:00, W3SVC1, S, 10.0.0.2, 1, 2, 3, 403, 0, GET, /a, k={s()},\n")
write("logs/w3svc/central/u_ex150907.log", f"#Fields: date time s-sitename cs-uri-stem cs-uri-query sc-status\n2015-09-07 16:00:00 W3SVC1 /a {s()} 403\n")
write("http/sslcert.txt", f"\n    IP:port                 : 0.0.0.0:443\n    Certificate Store Name  : MY\n    Ctl Identifier          : {s()}\n    {s()}\n")
write("attach/own.pcap", s())
write("attach/own.evtx", s())
write("logs/events/Own.evtx", s())
write("certs/LocalMachine/My/own.pfx", s())
write("certs/LocalMachine/My/own.cer", f"-----BEGIN RSA PRIVATE KEY-----\n{s()}\n-----END RSA PRIVATE KEY-----\n")
write("registry/own.reg", f"""Windows Registry Editor Version 5.00

; {s()}
[HKEY_LOCAL_MACHINE\\SOFTWARE\\Own\\{s()}]
"a"="{s()}"

[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion]
"CurrentBuild"="14393"
"Own"="{s()}"
"Wide"=hex(2):{wide(s())}
""")
write("own/notes.txt", s())
