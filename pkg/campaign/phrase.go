package campaign

import "strings"

// chatter is what people say when they do not talk about cards.
const chatter = `今晚碼頭風大，收衫記得快手
潮水表又改版，第三欄字細到睇唔到
有冇人拾到一隻藍色救生圈
海草圖書館星期三閉館盤點
聽講浮橋渡輪會加一班夜船
霧號響咗成晚，貓都瞓唔著
收到，聽日七點半等
呢張相影得幾好，浪都定格咗
請勿餵飼海鷗，佢哋已經超重
第九燈塔今日開放參觀，帶水
舊帆布可以改做袋，有人要嗎
昨夜雨聲似敲門
唔該邊個知道錨鏈點樣除鏽
燈泡換咗三次都係閃
貝殼展延期，因為貝殼未到齊
今朝見到彩虹，由借月灣去到摺浪角
呢個月第二次停電，蠟燭賣晒
風向標工房收學徒，要識算術
船期改動請看公告板
有人將公告板反轉咗
我哋改用短波聯絡，記得換電池
天文台話冇風，但係帽飛咗
排隊買魚蛋等咗四十分鐘
圖書館新到一批潮汐史，可外借
夜航班次取消，退票到七月底
霧散之後再講
望礁灣泳棚重開，水溫十九度
請各位保持航道暢通
借月灣的月今晚特別大
新聞講嘅同我見到嘅唔同
呢度有冇人識修收音機
轉載請註明出處，多謝
多謝大家支持，本台會繼續更新
頻道將於明晚維護一小時
投稿請用信箱，唔好留言
The ferry bell is late again
Fog until noon, then more fog
Lost one green mitten near the pier
Who painted the lighthouse upside down
Tide table reprint is on the shelf
New poll closes at midnight, vote once
Somebody feed the harbour cat please
Low water at nine, mind the steps
The library of kelp has new hours
Radio check, can anyone hear the buoy`

// leads open a post that carries a card; % stands for the name.
const leads = `名單更新：%，資料已核實
又一個：%，大家廣傳
起底完成，% 全部資料在此
% 的檔案公開了
今日主角 %，認住佢個樣
網友提供 % 的完整資料
% 以為冇人知，資料全公開
補充資料：% 的家人亦在名單
File complete on %, share before it goes down
Meet %, page is up again on the new mirror`

// leadPhrases are the parts of leads that name nobody.
const leadPhrases = `資料已核實
起底完成
全部資料在此
的完整資料
以為冇人知
的家人亦在名單
share before it goes down
page is up again on the new mirror`

// details follow a lead: H identity number, P phone, A address, M mail, E work.
const details = `身份證 H，電話 P
住址：A
任職 E，電郵 M
電話 P，住址 A
身份證號碼H住A
Works at E, phone P
聯絡 M 或致電 P`

// follows stand directly behind a link, with no space between.
const follows = `。快看
，轉發開去
」大家存檔
！謝謝
）已更新
、備份站`

// befores stand directly before a link, with no space between.
const befores = `詳情「
請看
備用網址：
（新站
資料在此：`

const mediaWords = "住址 照片 工作證 車牌 校服"

func lines(text string) []string { return strings.Split(text, "\n") }
